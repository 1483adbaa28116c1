"""Spans: their content, their end, and errors in tracing."""

import asyncio
import gc
import importlib.util
import inspect
import itertools
import json
import logging
import subprocess
import sys

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    AsyncStreamingChatCompletions,
    StreamingChatCompletions,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceRequestError
from azure.core.settings import settings
from loopback import COMPLETION, DONE, EMBEDDINGS, Gate, json_reply, update
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, StatusCode

MESSAGES = [SystemMessage("be brief"), UserMessage("hi")]
VARIABLE = "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"
CALL = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
TOOL_ANSWER = {
    **COMPLETION,
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": None, "tool_calls": [CALL]},
        }
    ],
}
USAGE = COMPLETION["usage"]


class Spans(SpanProcessor):
    """Records the spans of client operations, and counts spans that have not ended."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.ended, self.of_requests, self.open = [], [], 0

    def on_start(self, span, parent_context=None):
        self.open += 1

    def on_end(self, span):
        self.open -= 1
        if span.name.startswith(("chat", "embeddings", "execute_tool")):
            self.ended.append(span)
        else:
            self.of_requests.append(span)

    @property
    def one(self):
        """Return the only span. No other may be open."""
        gc.collect()
        assert self.open == 0
        (span,) = self.ended
        return span


SPANS = Spans()


def attributes(span):
    return {name: value for name, value in span.attributes.items() if name != "server.port"}


def events(span):
    return [(event.name, json.loads(event.attributes["gen_ai.event.content"])) for event in own_events(span)]


def own_events(span):
    """Return the events of a span without the exception event that OpenTelemetry adds."""
    return [event for event in span.events if event.name != "exception"]


@pytest.fixture(scope="module", autouse=True)
def provider():
    provider = TracerProvider()
    provider.add_span_processor(SPANS)
    trace.set_tracer_provider(provider)
    yield
    provider.shutdown()


@pytest.fixture
def spans(caplog):
    """Records spans. A logged error of the recorder fails the test."""
    caplog.set_level(logging.DEBUG, "azure.ai.inference")
    settings.tracing_implementation = "opentelemetry"
    SPANS.reset()
    yield SPANS
    AIInferenceInstrumentor().uninstrument()
    settings.tracing_implementation = None
    assert [record for record in caplog.records if record.name.startswith("azure.ai.inference")] == []


@pytest.fixture(params=[True, False], ids=["content", "no content"])
def recorded(request, spans):
    """Whether content is recorded."""
    AIInferenceInstrumentor().instrument(enable_content_recording=request.param)
    return request.param


BASE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "az.ai.inference",
    "gen_ai.request.model": "chat",
    "server.address": "127.0.0.1",
}
ANSWERED = {
    **BASE,
    "gen_ai.response.id": "c1",
    "gen_ai.response.model": "m",
    "gen_ai.usage.input_tokens": 1,
    "gen_ai.usage.output_tokens": 2,
    "gen_ai.response.finish_reasons": ("stop",),
}
ASKED = [
    ("gen_ai.system.message", {"role": "system", "content": "be brief"}),
    ("gen_ai.user.message", {"role": "user", "content": "hi"}),
]


def choice(recorded, finish_reason="stop", calls=(), **message):
    """Return the attributes of a choice event."""
    told = dict(message) if recorded else {}
    if calls:
        told["tool_calls"] = list(calls) if recorded else [{"id": call["id"], "type": call["type"]} for call in calls]
    end = {"finish_reason": finish_reason, "index": 0}
    return ("gen_ai.choice", {"message": told, **end} if told else end)


def asked(recorded):
    return ASKED if recorded else []


async def test_completion(twin, service, spans, recorded):
    await twin.chat().complete(messages=MESSAGES, model="gpt", max_tokens=7, temperature=0, top_p=0.5)
    span = spans.one
    assert (span.name, span.kind, span.status.status_code) == ("chat gpt", SpanKind.CLIENT, StatusCode.UNSET)
    assert attributes(span) == {
        **ANSWERED,
        "gen_ai.request.model": "gpt",
        "gen_ai.request.max_tokens": 7,
        "gen_ai.request.temperature": 0,
        "gen_ai.request.top_p": 0.5,
    }
    assert span.attributes["server.port"] == service.server_port
    assert events(span) == [*asked(recorded), choice(recorded, content="ok")]
    assert all(event.attributes["gen_ai.system"] == "az.ai.inference" for event in span.events)


async def test_stream(twin, service, spans, recorded):
    service.stream(update("a"), update("b"), update(finish_reason="stop", usage=USAGE), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert isinstance(stream.raw, (StreamingChatCompletions, AsyncStreamingChatCompletions))
    assert spans.ended == []
    assert len([item async for item in stream]) == 3
    assert attributes(spans.one) == ANSWERED
    assert events(spans.one) == [*asked(recorded), choice(recorded, content="ab")]


async def test_tools(twin, service, spans, recorded):
    service.reply(TOOL_ANSWER)
    history = [AssistantMessage(tool_calls=[CALL]), ToolMessage("1", tool_call_id="t1")]
    await twin.chat().complete(messages=history)
    span = spans.one
    told = [
        ("gen_ai.assistant.message", {"role": "assistant", "tool_calls": [CALL]}),
        ("gen_ai.tool.message", {"role": "tool", "tool_call_id": "t1", "content": "1"}),
    ]
    assert events(span) == [*(told if recorded else []), choice(recorded, "tool_calls", [CALL], content=None)]
    assert span.attributes["gen_ai.response.finish_reasons"] == ("tool_calls",)


async def test_stream_with_tools(twin, service, spans, recorded):
    first = {**CALL, "index": 0, "function": {"name": "f", "arguments": ""}}
    pieces = [first, {"index": 0, "function": {"arguments": '{"a"'}}, {"index": 0, "function": {"arguments": ": 1}"}}]
    bodies = [{"id": "c1", "choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]} for piece in pieces]
    service.stream(*bodies, update(finish_reason="tool_calls"), DONE)
    assert len([item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]) == 4
    assert events(spans.one) == [*asked(recorded), choice(recorded, "tool_calls", [CALL])]


@pytest.mark.parametrize("stream", [False, True])
async def test_error_before_the_response(twin, service, spans, recorded, stream):
    service.reply(json_reply({"error": {"code": "404", "message": "none"}}, 404))
    with pytest.raises(ResourceNotFoundError):
        await twin.chat().complete(messages=MESSAGES, stream=stream)
    span = spans.one
    assert (span.status.status_code, "none" in span.status.description) == (StatusCode.ERROR, True)
    assert attributes(span) == {**BASE, "error.type": "azure.core.exceptions.ResourceNotFoundError"}
    assert events(span) == asked(recorded)


async def test_unreachable_service(twin, service, spans, recorded):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat().complete(messages=MESSAGES)
    assert spans.one.attributes["error.type"] == "azure.core.exceptions.ServiceRequestError"


async def test_error_inside_a_stream(twin, service, spans, recorded):
    service.stream(update("a"), {"error": {"code": "c", "message": "boom"}})
    with pytest.raises(HttpResponseError):
        [item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]
    span = spans.one
    assert (span.status.status_code, "boom" in span.status.description) == (StatusCode.ERROR, True)
    assert span.attributes["error.type"] == "azure.core.exceptions.IncompleteReadError"
    assert events(span) == [*asked(recorded), choice(recorded, None, content="a")]


@pytest.mark.parametrize("leave", ["with", "close", "forget"])
async def test_early_break(twin, service, spans, recorded, leave):
    gate = Gate()
    service.stream(update("a"), gate, update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    if leave == "with":
        async with stream:
            await anext(stream)
    else:
        await anext(stream)
    if leave == "close":
        await stream.close()
    del stream
    gate.open()
    assert spans.one.status.status_code is StatusCode.UNSET
    assert events(spans.one) == [*asked(recorded), choice(recorded, None, content="a")]
    assert await asyncio.to_thread(service.all_closed)


@pytest.mark.parametrize("twin", ["async"], indirect=True)
@pytest.mark.parametrize("stream", [False, True])
async def test_cancelled_task(twin, service, spans, recorded, stream):
    gate = Gate()
    service.stream(gate, update(finish_reason="stop"), DONE)
    client = twin.chat()

    async def use():
        answer = await client.complete(messages=MESSAGES, stream=stream)
        await anext(answer)

    task = asyncio.ensure_future(use())
    assert await asyncio.to_thread(service.was_asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    gate.open()
    assert spans.one.attributes["error.type"] == "asyncio.exceptions.CancelledError"


async def test_next_followed_by_a_loop(twin, service, spans, recorded):
    service.stream(update("a"), update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    assert len([item async for item in stream]) == 2
    await stream.close()
    assert events(spans.one)[-1] == choice(recorded, content="ab")


async def test_every_choice_of_a_stream(twin, service, spans, recorded):
    one, two = ({"index": index, "delta": {"content": f"c{index}"}, "finish_reason": "stop"} for index in (0, 1))
    service.stream({"id": "c1", "choices": [two]}, {"id": "c1", "choices": [one]}, DONE)
    assert len([item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]) == 2
    told = [content for name, content in events(spans.one) if name == "gen_ai.choice"]
    assert [choice["index"] for choice in told] == [0, 1]
    assert [choice.get("message") for choice in told] == (
        [{"content": "c0"}, {"content": "c1"}] if recorded else [None, None]
    )
    assert spans.one.attributes["gen_ai.response.finish_reasons"] == ("stop", "stop")


@pytest.mark.parametrize(
    "bodies",
    [
        [{"id": "c1", "choices": [], "usage": USAGE}],
        [{"id": "c1", "choices": [{"index": 0, "finish_reason": "odd", "delta": None}]}],
        [{"id": "c1", "choices": [{"index": 0}]}, {"choices": None, "usage": USAGE}],
    ],
    ids=["usage only", "unknown finish reason", "missing delta"],
)
async def test_malformed_updates(twin, service, spans, recorded, bodies):
    service.stream(*bodies, update(finish_reason="stop"), DONE)
    assert [item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]
    assert spans.one.attributes["gen_ai.response.id"] == "c1"


async def test_malformed_responses(twin, service, spans, recorded):
    service.reply({"id": "c1"})
    await twin.chat().complete(messages=MESSAGES)
    assert attributes(spans.one) == {**BASE, "gen_ai.response.id": "c1"}


async def test_client_defaults_and_bodies_are_recorded(twin, service, spans, recorded):
    body = {"messages": [{"role": "user", "content": "x"}], "model": "b", "temperature": 0.1}
    await twin.chat(model="d", max_tokens=9).complete(messages=MESSAGES, temperature=0.5)
    await twin.chat(model="d").complete(body)
    await twin.chat(model="d").complete(json.dumps(body).encode())
    stream = await twin.chat().complete({**body, "stream": True})
    assert len([item async for item in stream]) == 2
    assert [span.name for span in spans.ended] == ["chat d", "chat b", "chat b", "chat b"]
    assert [span.attributes["gen_ai.request.temperature"] for span in spans.ended] == [0.5, 0.1, 0.1, 0.1]
    assert spans.ended[0].attributes["gen_ai.request.max_tokens"] == 9
    assert [name for name, _ in events(spans.ended[2])] == ["gen_ai.user.message"] * recorded + ["gen_ai.choice"]


@pytest.mark.off_spec
@pytest.mark.parametrize("body", [b"{oops", b"[1]"])
async def test_bodies_that_are_not_objects(twin, service, spans, recorded, body):
    await twin.chat().complete(body)
    assert attributes(spans.one) == ANSWERED


async def test_timestamps_of_events_increase(twin, service, spans, recorded):
    await twin.chat().complete(messages=[UserMessage("hi")] * 20)
    times = [event.timestamp for event in spans.one.events]
    assert all(later - earlier >= 1000 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("operation", ["embeddings", "image_embeddings"])
async def test_embeddings(twin, service, spans, recorded, operation):
    client = getattr(twin, operation)()
    await client.embed(input=[], model="e", encoding_format="float", dimensions=2)
    await client.embed(input=[])
    first, second = spans.ended
    assert (first.name, second.name, first.kind) == ("embeddings e", "embeddings", SpanKind.CLIENT)
    base = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.system": "az.ai.inference",
        "gen_ai.request.model": "embeddings",
        "server.address": "127.0.0.1",
        "gen_ai.response.id": "e1",
        "gen_ai.response.model": "m",
        "gen_ai.usage.input_tokens": 1,
        "gen_ai.embeddings.dimension.count": 2,
    }
    assert attributes(second) == base
    told = {"gen_ai.request.model": "e", "gen_ai.request.encoding_formats": ("float",)}
    assert attributes(first) == {**base, **told}
    assert events(first) == []


async def test_embeddings_without_dimensions(twin, service, spans, recorded):
    service.reply({**EMBEDDINGS, "data": [{"index": 0, "embedding": "AACAPg=="}]}, {**EMBEDDINGS, "data": []})
    for _ in range(2):
        await twin.embeddings().embed(input=[])
    assert not any("gen_ai.embeddings.dimension.count" in span.attributes for span in spans.ended)


async def test_failed_embeddings(twin, service, spans, recorded):
    service.reply(json_reply({}, 400))
    with pytest.raises(HttpResponseError):
        await twin.embeddings().embed(input=[])
    assert spans.one.status.status_code is StatusCode.ERROR


async def test_the_default_port_is_omitted(twin, service, spans, recorded):
    await twin.chat("http://example.com:443", proxies={"http": service.url}).complete(messages=MESSAGES)
    await twin.chat("http://example.com", proxies={"http": service.url}).complete(messages=MESSAGES)
    assert [span.attributes.get("server.port") for span in spans.ended] == [None, 80]


@pytest.mark.azure_core((1, 33), "it names the spans of HTTP requests by their path")
async def test_http_spans_are_children(twin, service, spans, recorded):
    children = []
    on_end = spans.on_end
    spans.on_end = lambda span: (children.append(span), on_end(span))
    await twin.chat().complete(messages=MESSAGES)
    del spans.on_end
    http = next(span for span in children if span.name == "POST")
    assert http.parent.span_id == spans.one.context.span_id


@pytest.mark.parametrize("outcome", ["success", "failure", "stream"])
async def test_no_span_holds_a_key_or_what_was_said(twin, service, spans, outcome):
    AIInferenceInstrumentor().instrument()
    if outcome == "failure":
        service.reply(json_reply({"error": {"code": "c", "message": "no"}}, 401))
    client = twin.chat(credential=AzureKeyCredential("s3cr3t"), headers={"x-api-key": "s3cr3t", "cookie": "s3cr3t"})
    try:
        answer = await client.complete(messages=MESSAGES, stream=outcome == "stream")
        if outcome == "stream":
            await answer.get_final_completion()
    except HttpResponseError:
        assert outcome == "failure"
    assert spans.of_requests
    said = "".join(span.to_json() for span in [spans.one, *spans.of_requests])
    for kept in ("s3cr3t", "be brief", '\\"hi\\"', '\\"ok\\"'):
        assert kept not in said


@pytest.mark.azure_core((1, 33), "it traces whenever OpenTelemetry is imported")
async def test_without_an_implementation_nothing_is_recorded(twin, service, spans, recorded):
    settings.tracing_implementation = None
    await twin.chat().complete(messages=MESSAGES)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert len([item async for item in stream]) == 2
    with pytest.raises(TypeError):
        await twin.chat().complete()
    service.reply(json_reply({}, 400))
    with pytest.raises(HttpResponseError):
        await twin.chat().complete(messages=MESSAGES)
    assert (spans.ended, spans.open) == ([], 0)


class Broken:
    """A tracing implementation whose methods all raise."""

    def __init__(self, **kwargs):
        self.span_instance = None

    def __getattr__(self, name):
        raise ZeroDivisionError(name)


async def test_errors_in_tracing_are_only_logged(twin, service, caplog):
    caplog.set_level(logging.DEBUG, "azure.ai.inference")
    AIInferenceInstrumentor().instrument(True)
    settings.tracing_implementation = Broken
    try:
        client = twin.chat()
        assert (await client.complete(messages=MESSAGES)).choices
        stream = await client.complete(messages=MESSAGES, stream=True)
        assert len([item async for item in stream]) == 2
        service.reply(json_reply({}, 400))
        with pytest.raises(HttpResponseError):
            await client.complete(messages=MESSAGES)
    finally:
        AIInferenceInstrumentor().uninstrument()
        settings.tracing_implementation = None
    assert "ZeroDivisionError" in caplog.text


def test_instrument_and_uninstrument(spans, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    instrumentor = AIInferenceInstrumentor()
    complete = ChatCompletionsClient.complete
    private = ChatCompletionsClient._complete
    assert not instrumentor.is_instrumented()
    assert not instrumentor.is_content_recording_enabled()
    instrumentor.uninstrument()
    for given, variable, expected in [
        (None, None, False),
        (None, "true", True),
        (None, "True", True),
        (None, " true ", True),
        (None, "1", True),
        (None, "10", False),
        (None, "no", False),
        (True, "false", True),
        (False, "true", False),
    ]:
        if variable is not None:
            monkeypatch.setenv(VARIABLE, variable)
        instrumentor.instrument(given)
        assert AIInferenceInstrumentor().is_instrumented()
        assert instrumentor.is_content_recording_enabled() is expected
    assert ChatCompletionsClient.complete is complete
    assert "temperature" in inspect.getfullargspec(ChatCompletionsClient.complete).kwonlyargs
    assert ChatCompletionsClient._complete is not private
    instrumentor.uninstrument()
    assert not instrumentor.is_instrumented()
    assert not instrumentor.is_content_recording_enabled()
    assert ChatCompletionsClient._complete is private


async def test_no_spans_after_uninstrument(twin, service, spans):
    AIInferenceInstrumentor().instrument()
    AIInferenceInstrumentor().uninstrument()
    await twin.chat().complete(messages=MESSAGES)
    assert spans.ended == []


@pytest.mark.parametrize("missing", ["plugin", "package"])
def test_without_the_plugin_an_error_says_what_to_install(monkeypatch, missing):
    def find_spec(name):
        if missing == "package":
            raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    with pytest.raises(ModuleNotFoundError, match=r"pip install azure-ai-inference\[opentelemetry\]"):
        AIInferenceInstrumentor().instrument()
    assert not AIInferenceInstrumentor().is_instrumented()


def test_opentelemetry_is_imported_on_first_use():
    code = "import sys, azure.ai.inference.tracing; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_switching_on_twice_makes_one_span_and_one_switch_off_ends_it(twin, service, spans):
    instrumentor = AIInferenceInstrumentor()
    instrumentor.instrument()
    AIInferenceInstrumentor().instrument()
    client = twin.chat()
    await client.complete(messages=MESSAGES)
    assert len(spans.ended) == 1
    instrumentor.uninstrument()
    await client.complete(messages=MESSAGES)
    assert len(spans.ended) == 1


async def test_settings_of_the_client_name_and_describe_the_spans_of_requests(twin, service, spans):
    client = twin.chat(network_span_namer=lambda _: "mine", tracing_attributes={"team": "t"})
    await client.complete(messages=MESSAGES)
    (span,) = spans.of_requests
    assert (span.name, span.attributes["team"]) == ("mine", "t")


@pytest.mark.parametrize("leave", ["close", "with"])
async def test_a_traced_stream_that_is_closed_releases_its_connection_at_once(twin, service, spans, leave):
    AIInferenceInstrumentor().instrument()
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    if leave == "close":
        await stream.close()
    else:
        async with stream:
            pass
    gate.open()
    assert len(spans.ended) == 1  # although the stream is still referred to
    assert await asyncio.to_thread(service.all_closed)
    assert [item async for item in stream] == []


def double(number: int) -> int:
    """Return twice a number."""
    with trace.get_tracer("tool").start_as_current_span("inner"):
        return 2 * number


async def broken() -> int:
    """Raise an error."""
    raise KeyError("secret-1")


def tool_answer(*calls):
    requests = [
        {"id": f"t{number}", "function": dict(zip(("name", "arguments"), call, strict=True))}
        for number, call in enumerate(calls)
    ]
    return {**COMPLETION, "choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": requests}}]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("content", [False, True])
async def test_each_call_of_a_tool_has_a_span(twin, service, spans, caplog, content, stream):
    caplog.set_level(logging.INFO, "azure.ai.inference._tool_loop")
    answer = tool_answer(("double", '{"number": 4}'), ("broken", "{}"), ("missing", "{}"))
    if stream:
        message = answer["choices"][0]["message"]
        pieces = [{"index": index, **call} for index, call in enumerate(message["tool_calls"])]
        delta = {**update(), "choices": [{"index": 0, "delta": {"tool_calls": pieces}}]}
        service.stream(delta, update(finish_reason="tool_calls"), DONE)
    else:
        service.reply(answer)
    AIInferenceInstrumentor().instrument(enable_content_recording=content)
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[double, broken], stream=stream)
    if stream:
        assert [item async for item in run]
    assert spans.open == 0
    tools = {span.name: span for span in spans.ended if span.name.startswith("execute_tool")}
    assert [span.name for span in spans.ended if span.name not in tools] == ["chat", "chat"]
    common = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.type": "function"}
    first, second, third = (tools[f"execute_tool {name}"] for name in ("double", "broken", "missing"))
    recorded = {"gen_ai.tool.call.arguments": '{"number": 4}', "gen_ai.tool.call.result": "8"} if content else {}
    assert attributes(first) == {**common, "gen_ai.tool.name": "double", "gen_ai.tool.call.id": "t0", **recorded}
    assert first.kind is SpanKind.INTERNAL
    (inner,) = [span for span in spans.of_requests if span.name == "inner"]
    assert inner.parent.span_id == first.context.span_id
    assert second.attributes["error.type"] == "KeyError"
    assert second.status.status_code is StatusCode.ERROR
    assert second.status.description == ("'secret-1'" if content else None)
    assert third.attributes["error.type"] == "azure.ai.inference._tools.InvalidToolCallError"


async def test_a_tool_whose_exception_is_raised_ends_its_span(twin, service, spans):
    service.reply(tool_answer(("broken", "{}")))
    AIInferenceInstrumentor().instrument()
    with pytest.raises(KeyError):
        await twin.chat().run_tools(messages=MESSAGES, tools=[broken], on_error="raise")
    assert spans.open == 0
    assert spans.ended[-1].attributes["error.type"] == "KeyError"


@pytest.mark.azure_core((1, 33), "it traces whenever OpenTelemetry is imported")
async def test_tools_run_without_an_implementation_of_tracing(twin, service, spans, caplog):
    settings.tracing_implementation = None
    service.reply(tool_answer(("double", '{"number": 4}'), ("missing", "{}")))
    AIInferenceInstrumentor().instrument()
    caplog.set_level(logging.INFO, "azure.ai.inference._tool_loop")
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[double])
    assert run.messages[-3].content == "8"
    assert spans.ended == []
