"""Print the spans of a call to the terminal.

    pip install '.[opentelemetry]' opentelemetry-sdk
    python samples/sample_chat_completions_with_tracing.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED: "true" to record the content of messages and choices, too.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.settings import settings
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor


def main() -> None:
    """Trace a call within a span of the application."""
    settings.tracing_implementation = "opentelemetry"
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
    AIInferenceInstrumentor().instrument()

    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with (
        ChatCompletionsClient(endpoint, credential) as client,
        trace.get_tracer(__name__).start_as_current_span("sample"),
    ):
        response = client.complete(messages=[UserMessage("Which month comes after May?")], max_tokens=20)
    print(response.choices[0].message.content)


if __name__ == "__main__":
    main()
