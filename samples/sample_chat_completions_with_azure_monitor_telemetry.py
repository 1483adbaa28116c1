"""Send the span and the metrics of a streaming call to Azure Monitor, after today's semantic conventions.

    pip install '.[telemetry]' opentelemetry-sdk azure-monitor-opentelemetry-exporter
    python samples/sample_chat_completions_with_azure_monitor_telemetry.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
APPLICATIONINSIGHTS_CONNECTION_STRING: where to send the span and the metrics.
OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "span_only" to record the content of messages, too.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter


def main() -> None:
    """Stream an answer: its span and its metrics are complete when the stream ends."""
    connection = os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    span_exporter: SpanExporter = AzureMonitorTraceExporter.from_connection_string(connection)
    metric_exporter: MetricExporter = AzureMonitorMetricExporter.from_connection_string(connection)
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(span_exporter))
    meters = MeterProvider([PeriodicExportingMetricReader(metric_exporter)])
    trace.set_tracer_provider(tracers)  # the exporter reads its resource
    metrics.set_meter_provider(meters)
    AIInferenceInstrumentor().instrument(semantic_conventions="latest")

    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("Which month comes after May?")]
    with ChatCompletionsClient(endpoint, credential) as client:
        for text in client.complete(messages=messages, max_tokens=20, stream=True).text_deltas():
            print(text, end="", flush=True)
    print()
    tracers.shutdown()  # sends what is still queued
    meters.shutdown()


if __name__ == "__main__":
    main()
