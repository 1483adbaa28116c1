"""Streamed answers, over real sockets."""

import base64
import json
from pathlib import Path

import pytest
from azure.ai.inference.models import StreamingChatCompletionsUpdate, UserMessage
from azure.core.exceptions import HttpResponseError
from loopback import DONE, Reply, event, json_reply, update

CORPUS = json.loads(Path(__file__).with_name("data").joinpath("sse_corpus.json").read_text(encoding="utf-8"))
MESSAGES = [UserMessage("hi")]


async def collect(stream):
    """What a stream gives, in the terms of the corpus."""
    updates, error = [], None
    try:
        async for item in stream:
            assert isinstance(item, StreamingChatCompletionsUpdate)
            updates.append(item)
    except HttpResponseError as raised:
        error = raised
    choices = [choice for item in updates for choice in item.choices]
    result = {
        "text": "".join(choice.delta.content or "" for choice in choices),
        "updates": len(updates),
        "finish_reason": next((choice.finish_reason for choice in choices if choice.finish_reason), None),
        "error": error and type(error).__name__,
    }
    return result, error, [call for choice in choices for call in choice.delta.tool_calls or ()]


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
async def test_corpus(twin, service, case):
    service.stream(*map(base64.b64decode, case["chunks"]))
    expected = dict(case["expect"])
    calls = expected.pop("tool_calls", [])
    expected_error = expected["error"] or {}
    result, error, call_updates = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result == {**expected, "error": expected_error.get("type")}
    assert expected_error.get("message", "") in str(error)
    if "code" in expected_error:
        assert (error.error.code, error.error.message) == (expected_error["code"], expected_error["message"])
    for index, call in enumerate(calls):
        pieces = [piece for piece in call_updates if piece["index"] == index]
        assert pieces[0].id == call["id"]
        assert pieces[0].function.name == call["name"]
        assert "".join(piece.function.arguments for piece in pieces) == call["arguments"]


async def test_stream_is_a_context_manager_and_ends_once(twin, service):
    service.stream(update("a"), update(finish_reason="stop"), DONE)
    async with await twin.chat().complete(messages=MESSAGES, stream=True) as stream:
        assert len([item async for item in stream]) == 2
        assert [item async for item in stream] == []
    await stream.close()
    assert [item async for item in stream] == []


async def test_nothing_comes_after_close(twin, service):
    service.stream(update("a"), update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await stream.close()
    assert [item async for item in stream] == []


async def test_missing_delta_reads_as_an_empty_message(twin, service):
    service.stream({"id": "", "choices": [{"index": 0, "delta": None}]}, update(finish_reason="stop"), DONE)
    first, *_ = [item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]
    assert first.choices[0].delta.content is None
    assert first.choices[0].delta.tool_calls is None


async def test_usage_without_choices_reads_as_no_choices(twin, service):
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    service.stream(update(finish_reason="stop"), {"id": "c1", "choices": None, "usage": usage}, DONE)
    *_, last = [item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]
    assert last.choices == []
    assert last.usage.total_tokens == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([1], "[1]"),
        ({"choices": "x"}, '"x"'),
        ({"choices": ["x"]}, '["x"]'),
        (json.loads("[" * 500 + "]" * 500), "[[["),
    ],
)
async def test_events_that_are_not_of_the_api(twin, service, body, message):
    service.stream(update("a"), body, update(finish_reason="stop"), DONE)
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (result["text"], result["error"]) == ("a", "DecodeError")
    assert message in str(error)
    assert "/chat/completions (status 200, content type text/event-stream)" in str(error)


async def test_broken_json_over_several_lines(twin, service):
    service.stream(update("a"), b'data: {"a":\ndata: oops}\n\n', update(finish_reason="stop"), DONE)
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (result["text"], result["error"]) == ("a", "DecodeError")
    assert '{"a":\\noops}' in str(error)


async def test_nesting_beyond_the_limit_of_python(twin, service):
    service.stream(b"data: " + b"[" * 100_000 + b"\n\n")
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "DecodeError"
    assert "(100000 characters)" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": 429, "message": "Too many"}},
        {"error": "429", "message": "Too many"},
        {"code": "429", "message": "Too many", "status": 429},
    ],
)
async def test_error_objects_of_every_shape(twin, service, body):
    service.stream(update("a"), body)
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (result["text"], result["error"]) == ("a", "HttpResponseError")
    assert (error.error.code, error.error.message, error.status_code) == ("429", "Too many", 200)


async def test_error_without_words_is_told_as_it_is(twin, service):
    service.stream({"error": {"type": "overloaded"}})
    _, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert error.error.message == '{"type": "overloaded"}'


async def test_event_stream_of_comments_only_is_incomplete(twin, service):
    service.stream(b": keep-alive\n\n: keep-alive\n\n")
    result, _, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "IncompleteReadError"


async def test_completion_that_is_not_streamed_comes_as_one_update(twin, service):
    content = "x" * 100_000
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    service.reply({"id": "c1", "model": "m", "choices": [choice]})
    result, *_ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result == {"text": content, "updates": 1, "finish_reason": "stop", "error": None}


@pytest.mark.parametrize("body", [b"null", b'{"a": 1}', b"[1]", b"{oops"])
async def test_json_that_is_no_completion(twin, service, body):
    service.reply(json_reply(body))
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (result["updates"], result["error"]) == (0, "DecodeError")
    assert body.decode() in str(error)


async def test_what_is_no_event_stream_is_kept_up_to_a_limit(twin, service):
    service.stream(*[b"<p>" + b"x" * 50_000] * 4, content_type="text/html")
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "DecodeError"
    assert "<p>xxx" in str(error)


async def test_broken_connection_raises_an_error_of_azure_core_after_what_came_before(twin, service):
    service.reply(Reply([event(update("a"))], breaks=True))
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["text"] == "a"
    assert isinstance(error, HttpResponseError)


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_bodies_in_every_framing(twin, service, framing):
    service.stream(event(update("a")), event(update(finish_reason="stop")), DONE, framing=framing)
    result, *_ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result == {"text": "a", "updates": 2, "finish_reason": "stop", "error": None}


async def test_refused_stream_raises_with_the_body_read(twin, service):
    service.reply(json_reply({"error": {"code": "busy", "message": "Later"}}, 429))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES, stream=True)
    assert raised.value.error.code == "busy"
