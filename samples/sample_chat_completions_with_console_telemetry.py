"""Print the span and the metrics of a streaming call to the terminal, after today's semantic conventions.

    pip install '.[telemetry]' opentelemetry-sdk
    python samples/sample_chat_completions_with_console_telemetry.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "span_only" to record the content of messages, too.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor


def main() -> None:
    """Stream an answer: its span and its metrics are complete when the stream ends."""
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(ConsoleMetricExporter())])
    AIInferenceInstrumentor().instrument(semantic_conventions="latest", tracer_provider=tracers, meter_provider=meters)

    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("Which month comes after May?")]
    with ChatCompletionsClient(endpoint, credential) as client:
        for text in client.complete(messages=messages, max_tokens=20, stream=True).text_deltas():
            print(text, end="", flush=True)
    print()
    meters.shutdown()  # prints the metrics


if __name__ == "__main__":
    main()
