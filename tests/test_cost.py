"""The cost of the frequent paths, in function calls: these numbers may only decrease.

The numbers are those of CPython 3.11; other versions call fewer functions.
"""

import gc
import json
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import azure.ai.inference
import pytest
from azure.ai.inference._json import decoder
from azure.ai.inference.models import ChatCompletions, UserMessage
from azure.ai.inference.models._update_reader import UpdateReader
from azure.ai.inference.tracing import AIInferenceInstrumentor
from loopback import COMPLETION, DONE, event, update
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider

PACKAGE = str(Path(azure.ai.inference.__file__).parent)
TELEMETRY = tuple(f"{PACKAGE}/{name}" for name in ("tracing", "_spans", "_recording", "_telemetry"))
RESPONSE = SimpleNamespace(content_type="text/event-stream")
STREAMS = Path(__file__).parent / "data" / "streams"
MESSAGES = [{"role": "user", "content": "hi"}]


@contextmanager
def counting():
    """Counts the calls of functions of the package, each coroutine once, and of azure-core and OpenTelemetry.

    The garbage collector is disabled meanwhile: finalizers of objects of other tests would be counted, too.
    """
    frames, counts = {}, Counter()

    def note(frame, what, _argument):
        if what == "call" and id(frame) not in frames:
            frames[id(frame)] = frame  # referenced, so that its id is not reused
            counts["package"] += frame.f_code.co_filename.startswith(PACKAGE)
            counts["policies"] += "/azure/core/pipeline/" in frame.f_code.co_filename
            counts["telemetry"] += frame.f_code.co_filename.startswith(TELEMETRY)
            counts["opentelemetry"] += "/opentelemetry/" in frame.f_code.co_filename

    gc.collect()
    gc.disable()
    sys.setprofile(note)
    try:
        yield counts
    finally:
        sys.setprofile(None)
        gc.enable()


@pytest.fixture
def without_orjson(monkeypatch):
    """The decoder of the standard library, also where orjson is installed."""
    monkeypatch.setitem(sys.modules, "orjson", None)
    decoder.cache_clear()
    yield
    decoder.cache_clear()


def calls(stream):
    """Return the number of updates of a stream, and of the function calls that it takes to read them."""
    reader, updates = UpdateReader(RESPONSE), 0
    with counting() as counts:
        reader.feed(stream)
        while reader.next_update() is not None:
            updates += 1
    return updates, counts["package"]


def calls_per_update(events):
    """Return the number of calls for each further update, from the 50th on."""
    (few, few_calls), (many, many_calls) = (calls(b"".join(events[:count])) for count in (50, 150))
    assert (few, many) == (50, 150)
    return (many_calls - few_calls) / 100


def test_cost_of_an_update():
    assert calls_per_update([event(update(f"t{number}")) for number in range(150)]) <= 3


def test_cost_of_an_update_that_resembles_no_other():
    bodies = [update("t", **{f"x{number}": {"hate": {"filtered": False}}}) for number in range(150)]
    assert calls_per_update([event(body) for body in bodies]) <= 13


@pytest.mark.parametrize(
    ("shape", "limit"),
    [
        ("azure_asynchronous_filter", 3.9),
        ("azure_openai", 3.4),
        ("foundry_serverless", 3.3),
        ("github", 3.4),
        ("llama_cpp", 3.3),
        ("mistral", 3.3),
        ("ollama", 3.4),
        ("openai", 3.3),
        ("openai_logprobs", 6.5),
        ("openai_tool_calls", 3.8),
        ("openai_two_choices", 4),
        ("reasoning", 3.4),
        ("vllm", 4.4),
    ],
)
def test_cost_of_an_update_of_each_shape(without_orjson, shape, limit):
    updates, count = calls((STREAMS / f"{shape}.sse").read_bytes())
    assert count / updates <= limit


@pytest.mark.parametrize("make", [lambda: UserMessage("hi"), lambda: UserMessage(content="hi")])
def test_cost_of_a_message(make):
    with counting() as counts:
        make()
    assert counts["package"] <= 2


def test_cost_of_a_completion():
    body = json.loads(json.dumps(COMPLETION))
    with counting() as counts:
        answer = ChatCompletions(body)
        assert answer.choices[0].message.content
    assert counts["package"] <= 11


@pytest.mark.azure_core((1, 33), "its policies call more functions")
async def test_cost_of_a_call(twin):
    client = twin.chat()
    await client.complete(messages=MESSAGES)
    with counting() as counts:
        await client.complete(messages=MESSAGES)
    # With what requests, http.client and the runners of azure-core would do at more cost.
    assert counts["package"] <= 70
    assert counts["policies"] <= 43


UPDATES = 5


async def use(client, service, stream):
    if stream:
        service.stream(*[update("t")] * (UPDATES - 1), update(finish_reason="stop"), DONE)
    answer = await client.complete(messages=MESSAGES, stream=stream)
    if stream:
        assert len([item async for item in answer]) == UPDATES


@pytest.fixture
def providers():
    """Providers that record spans and metrics, and export nothing."""
    tracers, meters = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    yield {"tracer_provider": tracers, "meter_provider": meters}
    tracers.shutdown()
    meters.shutdown()


@pytest.mark.azure_core((1, 33), "it traces whenever OpenTelemetry is imported")
@pytest.mark.parametrize("stream", [False, True])
async def test_telemetry_that_is_off_costs_nothing(twin, service, stream):
    with counting() as counts:
        await use(twin.chat(), service, stream)
    assert (counts["telemetry"], counts["opentelemetry"]) == (0, 0)


@pytest.mark.parametrize(("stream", "limit"), [(False, 37), (True, 37 + 2 * UPDATES)])
async def test_cost_of_telemetry(twin, service, providers, stream, limit):
    """OpenTelemetry itself calls some 270 functions for a call, and some 30 for each update."""
    client, instrumentor = twin.chat(), AIInferenceInstrumentor()
    instrumentor.instrument(semantic_conventions="latest", **providers)
    try:
        await use(client, service, stream)
        with counting() as counts:
            await use(client, service, stream)
    finally:
        instrumentor.uninstrument()
    assert counts["telemetry"] <= limit
