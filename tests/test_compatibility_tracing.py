"""Row 11 of the facts that were recorded: spans are those of 1.0.0b9, with and without the instrumentor.

The facts were recorded by `data/compatibility/record.py`. Where ours tells more than 1.0.0b9 did, that is said below.
"""

import json

import pytest
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.exceptions import AzureError
from azure.core.settings import settings
from compatibility import cases
from conftest import KEY
from loopback import Reply, json_reply
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

FACTS = cases.facts("spans")
MODES = {"without content": False, "with content": True}
CHATS = [name for name, (_, method, *_) in cases.TRACED.items() if method == "complete"]
OTHERS = [name for name in cases.TRACED if name not in CHATS]


class Spans(SpanProcessor):
    """Keeps every span that has ended."""

    def __init__(self):
        self.ended = []

    def on_end(self, span):
        self.ended.append(span)


@pytest.fixture(scope="module")
def processor():
    """OpenTelemetry lets a provider be set once in a process, and `test_tracing.py` does: this one goes again."""
    processor, provider = Spans(), TracerProvider()
    provider.add_span_processor(processor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "_TRACER_PROVIDER", provider)
        yield processor
    provider.shutdown()


@pytest.fixture
def spans(processor):
    processor.ended.clear()
    settings.tracing_implementation = "opentelemetry"
    yield processor.ended
    AIInferenceInstrumentor().uninstrument()
    settings.tracing_implementation = None


async def make_call(twin, service, name):
    """The traced call of that name, to its end."""
    kind, method, keywords, reply = cases.TRACED[name]
    if isinstance(reply, bytes):
        service.reply(Reply([reply]))
    elif isinstance(reply, tuple):
        service.reply(json_reply(reply[2].encode(), reply[0]))
    elif reply:
        service.reply(reply)
    client = twin.keep(getattr(twin.sdk, kind)(service.url, KEY, retry_total=0))
    try:
        result = await getattr(client, method)(**keywords)
        if keywords.get("stream"):
            assert [update async for update in result]
    except AzureError:
        assert isinstance(reply, tuple)


def described(span, spans):
    """A span as it was recorded of 1.0.0b9."""
    names = {other.context.span_id: other.name for other in spans}
    attributes = {k: v for k, v in span.attributes.items() if k.startswith("gen_ai") or k == "error.type"}
    return {
        "name": span.name,
        "kind": span.kind.name,
        "parent": names.get(span.parent.span_id) if span.parent else None,
        "status": span.status.status_code.name,
        "attributes": json.loads(json.dumps(attributes)),
        "events": [
            [event.name, json.loads(event.attributes["gen_ai.event.content"])]
            for event in span.events
            if event.name != "exception"
        ],
    }


@pytest.mark.parametrize("name", cases.TRACED)
@pytest.mark.azure_core((1, 33), "it names the spans of HTTP requests by their path")
async def test_spans_without_the_instrumentor(twin, service, spans, name):
    await make_call(twin, service, name)
    assert [described(span, spans) for span in spans] == FACTS["not instrumented"][name]


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.azure_core((1, 33), "it names the spans of HTTP requests by their path")
async def test_spans_of_chat_with_the_instrumentor(twin, service, spans, mode, name):
    AIInferenceInstrumentor().instrument(enable_content_recording=MODES[mode])
    await make_call(twin, service, name)
    assert [described(span, spans) for span in spans] == FACTS[mode][name]


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("mode", MODES)
async def test_internal_spans_stay_with_the_instrumentor(twin, service, spans, mode, name):
    """Ours has a span of its own for embeddings besides, which says what the semantic conventions ask for."""
    AIInferenceInstrumentor().instrument(enable_content_recording=MODES[mode])
    await make_call(twin, service, name)
    internal = [described(span, spans) for span in spans if span.kind.name == "INTERNAL"]
    recorded = [fact for fact in FACTS[mode][name] if fact["kind"] == "INTERNAL"]
    assert [(span["name"], span["status"], span["attributes"]) for span in internal] == [
        (fact["name"], fact["status"], fact["attributes"]) for fact in recorded
    ]


@pytest.mark.parametrize("name", ["embed", "model info of chat"])
@pytest.mark.azure_core((1, 33), "it traces whenever OpenTelemetry is imported")
async def test_without_tracing_there_is_no_span(twin, service, spans, name):
    settings.tracing_implementation = None
    await make_call(twin, service, name)
    assert spans == []
