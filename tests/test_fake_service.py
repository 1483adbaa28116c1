"""azure.ai.inference.testing: the same results as over real connections, and failures in words."""

import asyncio
import json
import socket
from contextlib import suppress

import pytest
from azure.ai.inference import aio, load_client
from azure.ai.inference import models as m
from azure.ai.inference.testing import FakeService, ScriptError, SentRequest
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    IncompleteReadError,
    ResponseNotReadError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
    StreamClosedError,
    StreamConsumedError,
)
from azure.core.rest import HttpRequest
from conftest import KEY, AsyncAdapter
from loopback import COMPLETION, Gate, Reply, update
from spec_validate import validate
from transports import AsyncRecording, Recording

MESSAGES = [m.UserMessage("Is it warm in Oslo?")]
IMAGES = [{"image": "data:image/png;base64,aGk="}]
VERSION = "2024-05-01-preview"


@pytest.fixture
def fake():
    """A service whose script has to be followed."""
    with FakeService() as service:
        yield service


async def complete(twin, options, **keywords):
    return await twin.chat(**options).complete(messages=MESSAGES, model="m", **keywords)


async def read(twin, options, **keywords):
    stream = await complete(twin, options, stream=True, **keywords)
    found = []
    try:
        while (received := await anext(stream, None)) is not None:
            found.append(received)
        return found, await stream.get_final_completion()
    except AzureError as error:
        return found, outcome(error)


async def embed(twin, options, **keywords):
    return await twin.embeddings(**options).embed(input=["warm", "cold"], **keywords)


async def embed_images(twin, options):
    return await twin.image_embeddings(**options).embed(input=IMAGES)


async def model_info(twin, options):
    return await twin.chat(**options).get_model_info()


def outcome(error):
    """What a program sees of an exception; the end of its text is the transport's own."""
    text, _, _ = str(error).partition("\nRequest id")
    code = getattr(getattr(error, "error", None), "code", None)
    return type(error), getattr(error, "status_code", None), code, text.rpartition(" of the body: ")[0] or text


CALL = m.ChatCompletionsToolCall(id="call-9", function=m.FunctionCall(name="temperature", arguments="{}"))
CASES = {
    "text": (lambda s: s.answers("Yes."), complete, {}),
    "a cut text": (lambda s: s.answers("Yes", finish_reason="length"), complete, {}),
    "a mapping": (lambda s: s.answers(COMPLETION), complete, {}),
    "a model": (
        lambda s: s.answers(m.ChatCompletions(choices=[m.ChatChoice(message={"tool_calls": [CALL]})])),
        complete,
        {},
    ),
    "a function": (lambda s: s.answers(lambda request: request.messages[0]["content"].upper()), complete, {}),
    "a rule": (lambda s: s.answers("No.", when=lambda request: request.keywords["seed"] == 1), complete, {"seed": 1}),
    "a stream": (lambda s: s.streams("Ye", "s", ".", finish_reason="length"), read, {}),
    "a stream with usage": (lambda s: s.streams("Yes."), read, {"stream_options": {"include_usage": True}}),
    "a stream of updates": (lambda s: s.streams("Ye", update("s", "stop")), read, {}),
    "a stream without a finish reason": (lambda s: s.streams(update("Yes")), read, {}),
    "an empty stream": (lambda s: s.streams(), read, {}),
    "a stream that breaks off": (lambda s: s.streams("Ye", "s").breaks_off_after(1), read, {}),
    "a stream that breaks off at once": (lambda s: s.streams("Ye", "s").breaks_off_after(0), read, {}),
    "a tool call": (lambda s: s.calls_tool("temperature", city="Oslo", when_="now"), complete, {}),
    "tool calls": (
        lambda s: s.calls_tool("a", '{"when": 1').and_calls_tool("b", x=1).and_calls_tool("c", "{"),
        read,
        {},
    ),
    "vectors": (lambda s: s.embeds([0.25, -1], [1, 0]), embed, {}),
    "vectors in base64": (lambda s: s.embeds([0.25, -1], [1, 0]), embed, {"encoding_format": "base64"}),
    "made vectors": (lambda s: s.embeds(dimensions=3), embed, {}),
    "vectors as long as asked for": (lambda s: s.embeds(), embed, {"dimensions": 5}),
    "vectors of images": (lambda s: s.embeds(), embed_images, {}),
    "information": (lambda s: s.model_info("m", "embeddings", "p"), model_info, {}),
    "a retry": (lambda s: s.fails(429, retry_after=3).fails(503, retry_after=7).answers("Yes."), complete, {}),
    "a retried stream": (lambda s: s.fails(500, retry_after=3).streams("Yes."), read, {}),
    "too many failures": (lambda s: s.fails(429, retry_after=2, times=4), complete, {}),
    "an error": (lambda s: s.fails(404, code="unknown_model", message="There is no m."), complete, {}),
    "an error of a stream": (lambda s: s.fails(422), read, {}),
    "a status without words": (lambda s: s.fails(499), embed, {}),
    "a filter": (lambda s: s.filters_content(), complete, {}),
    "a filter of images": (lambda s: s.filters_content("sexual"), embed_images, {}),
}


class Scripted:
    """The service on loopback, with the replies of a script."""

    def __init__(self, service, script, monkeypatch):
        self._script = script
        monkeypatch.setattr(service, "answer_to", self.reply)

    def reply(self, received):
        request = HttpRequest(received.method, received.target, headers=received.headers, content=received.body or None)
        answer = self._script.answer(SentRequest.of(request))
        headers = dict(answer.headers)
        return Reply(answer.pieces, answer.status, headers.pop("Content-Type"), headers, breaks=answer.breaks)


async def result(call, *arguments, **keywords):
    try:
        return await call(*arguments, **keywords)
    except HttpResponseError as error:
        return outcome(error)


@pytest.mark.parametrize("case", CASES)
async def test_results_are_those_of_a_service_on_real_connections(twin, service, fake, monkeypatch, case):
    write, call, keywords = CASES[case]
    with FakeService() as real:
        Scripted(service, write(real)._script, monkeypatch)
        recording = AsyncRecording() if twin.mode == "async" else Recording()
        expected = await result(call, twin, {"transport": recording, "retry_total": 3}, **keywords)
        assert await result(call, twin, {**write(fake), "retry_total": 3}, **keywords) == expected
        assert fake.waits == recording.slept
        shown = ("method", "route", "body", "query", "messages", "input", "stream", "keywords")
        for ours, theirs in zip(fake.requests, real.requests, strict=True):
            assert [getattr(ours, name) for name in shown] == [getattr(theirs, name) for name in shown]
            for name in ("API-Key", "content-type", "extra-parameters"):
                assert ours.headers.get(name) == theirs.headers.get(name)


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][1] is not read])
async def test_bodies_conform_to_the_specification(twin, fake, case):
    write, call, keywords = CASES[case]
    write(fake)
    bodies = []
    hook = {"raw_response_hook": lambda response: bodies.append(response.http_response)}
    await result(call, twin, {**fake, **hook, "retry_total": 3}, **keywords)
    (kind,) = {complete: ["ChatCompletions"], model_info: ["ModelInfo"]}.get(call, ["EmbeddingsResult"])
    for response in bodies:
        definition = kind if response.status_code == 200 else "ErrorResponse"
        found = validate(VERSION, definition, response.json(), open_enums=True)
        assert not found or case == "a model", found


async def test_updates_conform_to_the_specification(twin, fake):
    fake.streams("Ye", "s").calls_tool("a", x=1)
    for _ in range(2):
        updates, _ = await read(twin, fake, stream_options={"include_usage": True})
        for received in updates:
            assert validate(VERSION, "StreamingChatCompletionsUpdate", received) == []


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


async def test_a_service_that_cannot_be_reached(twin, fake, closed_port):
    for options in ({"endpoint": closed_port}, fake.fails(ConnectionRefusedError)):
        with pytest.raises(ServiceRequestError):
            await complete(twin, options)


async def test_a_service_that_does_not_answer_in_time(twin, service, fake):
    gate = Gate()
    service.reply(Reply([gate], framing="none"))
    for options in ({"read_timeout": 0.05}, fake.fails(TimeoutError("late"))):
        with pytest.raises(ServiceResponseTimeoutError, match="did not answer in time, 0 bytes had arrived"):
            await complete(twin, options)
    gate.open()


async def test_a_connection_that_is_closed_without_a_response_is_retried(twin, service, fake):
    service.reply(Reply([], framing="none", breaks=True))
    fake.fails(ConnectionResetError).answers("ok")
    for options in ({}, fake):
        assert (await complete(twin, {**options, "retry_total": 1})).choices[0].message.content == "ok"
    assert fake.waits == [0]


async def test_exceptions_of_azure_core_are_raised_as_they_are(twin, fake):
    error = IncompleteReadError(message="half")
    fake.fails(error)
    with pytest.raises(IncompleteReadError) as caught:
        await complete(twin, fake)
    assert caught.value is error


async def test_clients_of_all_kinds(twin, fake):
    fake.answers("Yes.").embeds().embeds().model_info(model_type="embeddings")
    prefix = "async_" if twin.mode == "async" else ""
    chat, texts, images = (
        twin.keep(getattr(fake, f"{prefix}{name}_client")(model="m"))
        for name in ("chat", "embeddings", "image_embeddings")
    )
    async with chat as client:
        await client.complete(messages=MESSAGES)
    await texts.embed(input=["warm"])
    await images.embed(input=IMAGES)
    loaded = await twin.load_client("https://fake", **fake)
    assert type(loaded.raw).__name__ == "EmbeddingsClient"
    assert [request.keywords.get("model") for request in fake.requests] == ["m", "m", "m", None]


def test_one_service_serves_both_worlds(fake):
    fake.model_info(times=2)
    assert load_client("https://fake", KEY, **fake).get_model_info() == {**INFO_FIELDS}
    assert isinstance(fake.async_chat_client(), aio.ChatCompletionsClient)
    fake.chat_client().get_model_info()


INFO_FIELDS = {"model_name": "fake-model", "model_type": "chat-completion", "model_provider_name": "fake"}


async def test_requests_are_parsed(twin, fake):
    fake.answers("Yes.").embeds()
    chat = twin.chat(**fake, headers={"X-A": "1"}, temperature=1)
    await chat.complete(messages=MESSAGES, model_extras={"safe": True})
    await twin.embeddings(**fake).embed(input="warm")
    asked, embedded = fake.requests
    assert asked.messages == MESSAGES
    assert asked.keywords == {"temperature": 1, "safe": True}
    assert (asked.method, asked.route, asked.stream) == ("POST", "/chat/completions", False)
    assert (asked.headers["x-a"], asked.headers["API-KEY"]) == ("1", KEY.key)
    assert asked.query == {"api-version": VERSION}
    assert (embedded.input, embedded.messages) == (["warm"], [])
    assert KEY.key not in repr(asked) + str(asked)


async def send(twin, fake, *arguments, stream=False, **options):
    """Send a request. The response for a sync client can be awaited, too, which `twin` would do."""
    sent = twin.chat(**fake).raw.send_request(HttpRequest(*arguments, **options), stream=stream)
    return await sent if twin.mode == "async" else sent


async def test_requests_of_other_routes(twin, fake):
    fake.fails(405, times=3)
    for content in (b"not json", '"text"', None):
        response = await send(twin, fake, "PUT", "/elsewhere", content=content)
        assert response.status_code == 405
    assert [request.body for request in fake.requests] == ["not json", "text", None]
    assert [request.messages for request in fake.requests] == [[], [], []]
    assert {request.route for request in fake.requests} == {"/elsewhere"}
    assert [request.keywords for request in fake.requests] == [{}, {}, {}]


async def test_responses_have_the_interface_of_azure_core(twin, service, fake):
    fake.fails(409, message="no")
    response = await send(twin, fake, "GET", "/a")
    assert (response.url, response.reason, response.encoding) == (f"{service.url}/a", "Conflict", "utf-8")
    assert response.json()["error"]["message"] == "no"
    assert json.loads(response.text("utf-8")) == response.json()
    response.encoding = "ascii"
    assert response.encoding == "ascii"
    with pytest.raises(HttpResponseError, match="conflict"):
        response.raise_for_status()


async def pieces_of(response, name):
    found = getattr(response, name)()
    return [piece async for piece in found] if hasattr(found, "__aiter__") else list(found)


@pytest.mark.parametrize("name", ["iter_raw", "iter_bytes"])
async def test_streamed_responses_are_read_once(twin, fake, name):
    fake.model_info(times=2)
    response = await send(twin, fake, "GET", "/info", stream=True)
    with pytest.raises(ResponseNotReadError):
        _ = response.content
    (piece,) = await pieces_of(response, name)
    assert response.is_stream_consumed
    with pytest.raises(StreamConsumedError):
        await pieces_of(response, name)
    whole = await send(twin, fake, "GET", "/info")
    assert await pieces_of(whole, name) == [piece] == [await AsyncAdapter(whole).read()]
    whole.raise_for_status()


async def test_a_response_that_was_closed_is_not_read(twin, fake):
    fake.model_info()
    response = await send(twin, fake, "GET", "/info", stream=True)
    async with AsyncAdapter(response):
        pass
    assert response.is_closed
    with pytest.raises(StreamClosedError):
        await AsyncAdapter(response).read()


async def test_unknown_keywords_are_refused_as_without_the_service(twin, fake):
    with pytest.raises(TypeError, match=r"'temprature'\. Did you mean `temperature`"):
        await complete(twin, fake, temprature=1)
    assert fake.requests == []


async def test_transports_of_the_user_still_take_any_keyword(twin):
    transport = AsyncRecording() if twin.mode == "async" else Recording()
    assert twin.chat(transport=transport).raw._config.is_extended
    assert twin.chat(**FakeService(), policies=[]).raw._config.is_extended


async def test_other_tasks_run_while_a_service_answers(twin, fake):
    fake.answers("Yes.")
    if twin.mode == "sync":
        await complete(twin, fake)
        return
    order = []

    async def note():
        order.append("other task")

    task = asyncio.ensure_future(note())
    await complete(twin, fake)
    order.append("answer")
    await task
    assert order == ["other task", "answer"]


async def test_rules_come_before_the_order(twin):
    def is_long(request):
        return len(request.messages) > 1

    with FakeService() as service:
        service.answers("first").answers("long", when=is_long).answers("second").streams("long", when=is_long, times=1)
        chat = twin.chat(**service)

        async def ask(messages, **keywords):
            return (await chat.complete(messages=messages, **keywords)).choices[0].message.content

        assert [await ask(MESSAGES * n) for n in (2, 1, 2, 1)] == ["long", "first", "long", "second"]
        stream = await chat.complete(messages=MESSAGES * 2, stream=True)
        assert (await stream.get_final_completion()).choices[0].message.content == "long"
        service.streams("in order")
        stream = await chat.complete(messages=MESSAGES * 2, stream=True)  # the rule has been used as often as it may be
        assert (await stream.get_final_completion()).choices[0].message.content == "in order"


async def test_assertions_in_functions_of_the_script_fail_the_test(twin):
    def check(request):
        assert request.keywords["temperature"] == 0, "not deterministic"

    with pytest.raises(AssertionError, match="not deterministic"):
        await complete(twin, FakeService().answers(check), temperature=1)
    with pytest.raises(TypeError, match="must return a text or a mapping, not NoneType"):
        await complete(twin, FakeService().answers(check), temperature=0)


async def test_an_unscripted_call_fails_in_words_that_show_the_request(twin):
    service = FakeService()
    with pytest.raises(ScriptError) as caught:
        await complete(twin, service, temperature=0)
    assert str(caught.value) == (
        "No reply is scripted for this request:\n  POST /chat/completions\n"
        '  {"messages": [{"role": "user", "content": "Is it warm in Oslo?"}], "model": "m", "temperature": 0}\n'
        "The script is empty."
    )


async def test_one_call_too_many_names_the_replies_that_were_used(twin):
    service = FakeService().answers("Yes.").answers("x" * 100, when=lambda request: False)
    await complete(twin, service)
    with pytest.raises(ScriptError) as caught:
        await complete(twin, service)
    assert str(caught.value).endswith(
        f"No rule is true for it: answers('{'x' * 59}…). All other replies have been used: answers('Yes.')."
    )
    service = FakeService().embeds(when=lambda request: True)
    with pytest.raises(ScriptError, match=r"No rule is true for it: embeds\(\)\.$"):
        await complete(twin, service)


async def test_a_wrong_order_fails_in_words(twin):
    service = FakeService().embeds([1, 2]).answers("Yes.").fails(ConnectionError)
    with pytest.raises(ScriptError) as caught:
        await complete(twin, service)
    assert str(caught.value).startswith("The next reply of the script is not for this request:\n  POST /chat/")
    assert str(caught.value).endswith(
        "The next reply is embeds([1, 2]), which is for embed() with 1 inputs, as there are vectors. "
        "After it: answers('Yes.'), fails(ConnectionError)."
    )


@pytest.mark.parametrize(
    ("write", "call", "text"),
    [
        (lambda s: s.answers("a"), read, "answers('a'), which is for complete() without stream=True."),
        (lambda s: s.streams("a"), complete, "streams('a'), which is for complete(stream=True)."),
        (lambda s: s.calls_tool("a", "{}"), embed, "calls_tool('a', '{}'), which is for complete()."),
        (lambda s: s.calls_tool("a", x=1).and_calls_tool("b"), embed, ".and_calls_tool('b'), which is for complete()."),
        (lambda s: s.model_info(), embed, "which is for get_model_info() and load_client()."),
        (lambda s: s.embeds([1]), embed, "embeds([1]), which is for embed() with 1 inputs, as there are vectors."),
        (lambda s: s.embeds(dimensions=2), complete, "embeds(dimensions=2), which is for embed()."),
    ],
)
async def test_a_reply_for_another_kind_of_call_fails_in_words(twin, write, call, text):
    with pytest.raises(ScriptError) as caught:
        await call(twin, write(FakeService()))
    assert text in str(caught.value)


async def test_long_requests_are_cut_in_messages(twin):
    with pytest.raises(ScriptError, match=r"xxx… \(2\d\d\d characters\)"):
        await twin.chat(**FakeService()).complete(messages=[m.UserMessage("x" * 2_000)])


async def test_a_request_without_a_body_is_shown_without_one(twin):
    with pytest.raises(ScriptError, match=r":\n  GET /info\nThe script is empty"):
        await model_info(twin, FakeService())


async def test_an_unread_script_fails_in_words(twin):
    service = FakeService().answers("Yes.", times=2).streams("a", "b").breaks_off_after(1).fails(429, retry_after=1)
    await complete(twin, service)
    with pytest.raises(ScriptError) as caught:
        service.assert_all_used()
    assert str(caught.value).startswith(
        "These replies of the script were not used: answers('Yes.'), streams('a', 'b').breaks_off_after(1), "
        "fails(429, retry_after=1).\nThe requests were:\n  POST /chat/completions\n"
    )


def test_a_rule_that_was_never_true_is_unread():
    with pytest.raises(ScriptError, match=r"answers\('Yes.'\).\nThe requests were:\n  none"), FakeService() as service:
        service.answers("Yes.", when=lambda request: True)


async def test_a_failure_that_the_program_caught_fails_at_the_end(twin):
    service = FakeService()
    with suppress(AssertionError):
        await complete(twin, service)
    service.answers("Yes.")
    await complete(twin, service)
    with pytest.raises(ScriptError) as caught:
        service.embeds().assert_all_used()
    shown = (
        '  POST /chat/completions\n  {"messages": [{"role": "user", "content": "Is it warm in Oslo?"}], "model": "m"}'
    )
    assert str(caught.value) == (
        f"No reply is scripted for this request:\n{shown}\nThe script is empty.\n\n"
        f"These replies of the script were not used: embeds().\nThe requests were:\n{shown}\n{shown}"
    )


def test_the_exception_of_a_with_block_is_not_replaced():
    with pytest.raises(ZeroDivisionError), FakeService().answers("Yes."):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("write", "error", "text"),
    [
        (lambda s: s.answers(5), TypeError, "`content` must be a text, a mapping or a function, not int"),
        (lambda s: s.answers({"a": object()}), TypeError, "`a` is not JSON-serializable"),
        (lambda s: s.streams(b"a"), TypeError, "An update must be a text or a mapping, not bytes"),
        (lambda s: s.answers("a", times=0), ValueError, "`times` must be at least 1, not 0"),
        (lambda s: s.embeds([1], dimensions=1), ValueError, "either vectors or `dimensions`"),
        (lambda s: s.fails(200), ValueError, "`reason` must be a status from 400 to 599, not 200"),
        (lambda s: s.fails(ValueError), TypeError, "must be a status, an OSError or an AzureError, not ValueError"),
        (lambda s: s.fails(ConnectionError, code="a"), ValueError, "Without a response there is no 'code'"),
        (lambda s: s.breaks_off_after(1), ValueError, "`breaks_off_after` follows a stream"),
        (lambda s: s.answers("a").breaks_off_after(1), ValueError, "`breaks_off_after` follows a stream"),
        (lambda s: s.streams("a").breaks_off_after(2), ValueError, "`updates` must be from 0 to 1, not 2"),
        (lambda s: s.and_calls_tool("a"), ValueError, "`and_calls_tool` follows a call"),
        (lambda s: s.answers("a").and_calls_tool("a"), ValueError, "`and_calls_tool` follows a call"),
    ],
)
def test_invalid_scripts_are_refused(write, error, text):
    with pytest.raises(error, match=text):
        write(FakeService())
