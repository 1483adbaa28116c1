"""Send the spans and the metrics of a loop of tool calls to an OpenTelemetry collector.

    pip install '.[structured,telemetry]' opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
    python samples/sample_chat_completions_with_otlp_telemetry.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
OTEL_EXPORTER_OTLP_ENDPOINT: the URL of the collector, such as http://localhost:4318.
OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "span_only" to record the content of messages, too.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def tide(harbour: str) -> str:
    """Return the next high tide of a harbour."""
    return f"High water in {harbour} is at 14:20."


def main() -> None:
    """Run a tool loop: each request and each call of a tool has a span."""
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    AIInferenceInstrumentor().instrument(semantic_conventions="latest", tracer_provider=tracers, meter_provider=meters)

    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("When can I sail from Dover?")]
    with ChatCompletionsClient(endpoint, credential) as client:
        run = client.run_tools(messages=messages, tools=[tide], max_tokens=60)
    print(run.completion.choices[0].message.content)
    tracers.shutdown()  # sends what is still queued
    meters.shutdown()


if __name__ == "__main__":
    main()
