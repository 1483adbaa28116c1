"""Send the spans of a streaming call to Azure Monitor.

    pip install '.[opentelemetry]' opentelemetry-sdk azure-monitor-opentelemetry-exporter
    python samples/sample_chat_completions_with_azure_monitor_tracing.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
APPLICATIONINSIGHTS_CONNECTION_STRING: where to send the spans.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.settings import settings
from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter


def main() -> None:
    """Trace a streaming call: the span ends with the stream."""
    settings.tracing_implementation = "opentelemetry"
    provider = TracerProvider()
    exporter: SpanExporter = AzureMonitorTraceExporter.from_connection_string(
        os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    AIInferenceInstrumentor().instrument(enable_content_recording=True)

    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("Which month comes after May?")]
    with ChatCompletionsClient(endpoint, credential) as client:
        for text in client.complete(messages=messages, max_tokens=20, stream=True).text_deltas():
            print(text, end="", flush=True)
    print()
    provider.shutdown()  # sends the spans that are still queued


if __name__ == "__main__":
    main()
