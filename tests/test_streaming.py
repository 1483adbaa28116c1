"""Streams of updates, over real sockets."""

import asyncio
import base64
import gc
import json
import zlib
from pathlib import Path

import pytest
from azure.ai.inference._http import _byte_stream, _byte_stream_async
from azure.ai.inference.models import StreamingChatCompletionsUpdate, UserMessage
from azure.core.exceptions import DecodeError, HttpResponseError, IncompleteReadError
from loopback import DONE, TIMEOUT, Gate, Reply, event, json_reply, update

CORPUS = json.loads(Path(__file__).with_name("data").joinpath("sse_corpus.json").read_text(encoding="utf-8"))
WHOLE = [case for case in CORPUS if not case["expect"]["error"]]
MESSAGES = [UserMessage("hi")]


async def collect(stream):
    """Return the result of a stream in the format of the corpus."""
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
    error_class = {"HttpResponseError": "IncompleteReadError"}  # the subclass that frameworks retry
    assert result == {**expected, "error": error_class.get(expected_error.get("type"), expected_error.get("type"))}
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
    made = await twin.chat().complete(messages=MESSAGES, stream=True)
    async with made as stream:
        assert stream.raw is made.raw
        assert len([item async for item in stream]) == 2
        assert [item async for item in stream] == []
    await stream.close()
    assert [item async for item in stream] == []


async def test_no_update_after_close(twin, service):
    service.stream(update("a"), update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await stream.close()
    assert [item async for item in stream] == []


async def test_missing_delta_is_an_empty_message(twin, service):
    service.stream({"id": "", "choices": [{"index": 0, "delta": None}]}, update(finish_reason="stop"), DONE)
    first, *_ = [item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]
    assert first.choices[0].delta.content is None
    assert first.choices[0].delta.tool_calls is None


async def test_missing_choices_are_an_empty_list(twin, service):
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
async def test_invalid_events_raise_decode_error(twin, service, body, message):
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
    assert (result["text"], result["error"]) == ("a", "IncompleteReadError")
    assert (error.error.code, error.error.message, error.status_code) == ("429", "Too many", 200)


async def test_error_without_message_is_shown_as_json(twin, service):
    service.stream({"error": {"type": "overloaded"}})
    _, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert error.error.message == '{"type": "overloaded"}'


async def test_event_stream_of_comments_only_is_incomplete(twin, service):
    service.stream(b": keep-alive\n\n: keep-alive\n\n")
    result, _, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "IncompleteReadError"


async def test_completion_that_is_not_streamed_is_one_update(twin, service):
    content = "x" * 100_000
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    service.reply({"id": "c1", "model": "m", "choices": [choice]})
    result, *_ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result == {"text": content, "updates": 1, "finish_reason": "stop", "error": None}


@pytest.mark.parametrize("body", [b"null", b'{"a": 1}', b"[1]", b"{oops"])
async def test_json_that_is_not_a_completion(twin, service, body):
    service.reply(json_reply(body))
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (result["updates"], result["error"]) == (0, "DecodeError")
    assert body.decode() in str(error)


async def test_preamble_is_limited(twin, service):
    service.stream(*[b"<p>" + b"x" * 50_000] * 4, content_type="text/html")
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "DecodeError"
    assert "<p>xxx" in str(error)


async def test_broken_connection_raises_after_the_updates_before_it(twin, service):
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


def gzip_pieces(*pieces):
    """Compress the pieces so that each can be decompressed as soon as it arrives."""
    compressor = zlib.compressobj(wbits=31)
    return [compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_updates_are_returned_as_soon_as_they_arrive(twin, service, framing, encoding):
    gate = Gate()
    first, rest = event(update("a")), event(update(finish_reason="stop")) + DONE
    headers = {}
    if encoding == "gzip":
        first, rest = gzip_pieces(first, rest)
        headers = {"Content-Encoding": "gzip"}
    service.stream(first, gate, rest, framing=framing, headers=headers)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "a"
    gate.open()
    assert len([item async for item in stream]) == 1
    assert gate.was_opened_in_time


async def test_updates_of_a_body_with_content_length_are_returned_as_soon_as_they_arrive(twin, service):
    gate = Gate()
    service.stream(event(update("a")), gate, event(update(finish_reason="stop")), framing="length")
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "a"
    gate.open()
    assert len([item async for item in stream]) == 1
    assert gate.was_opened_in_time


@pytest.fixture
def unhurried(monkeypatch):
    """Removes the time limit of draining, which a busy machine could exceed."""
    for module in (_byte_stream, _byte_stream_async):
        monkeypatch.setattr(module, "DRAIN_SECONDS", TIMEOUT)


@pytest.mark.usefixtures("unhurried")
async def test_exhausted_streams_return_their_connection_to_the_pool(twin, service):
    client = twin.chat()
    for _ in range(20):
        stream = await client.complete(messages=MESSAGES, stream=True)
        assert len([item async for item in stream]) == 2
    assert service.connections == 1


async def test_abandoned_streams_release_their_connections(twin, service):
    client, gate = twin.chat(), Gate()
    for _ in range(20):
        service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
        stream = await client.complete(messages=MESSAGES, stream=True)
        await anext(stream)
        del stream
    gc.collect()
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


async def test_leaving_a_loop_releases_the_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    async with await twin.chat().complete(messages=MESSAGES, stream=True) as stream:
        async for _ in stream:
            break
    gate.open()
    assert await asyncio.to_thread(service.all_closed)
    assert [item async for item in stream] == []


async def test_an_error_in_a_loop_releases_the_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)

    async def use():
        async for _ in await twin.chat().complete(messages=MESSAGES, stream=True):
            raise KeyError

    with pytest.raises(KeyError):
        await use()
    gc.collect()
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


async def test_an_error_in_the_stream_releases_the_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), {"error": {"message": "boom"}}, gate)
    result, _, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["error"] == "IncompleteReadError"
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_cancelling_the_task_releases_the_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    task = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [item async for item in stream] == []
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


async def test_an_open_connection_after_the_last_event_does_not_delay_the_end(twin, service):
    gate = Gate()
    service.stream(update("a"), update(finish_reason="stop"), DONE, gate)
    result, *_ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["updates"] == 2
    gate.open()
    assert gate.was_opened_in_time
    assert await asyncio.to_thread(service.all_closed)


async def test_bytes_after_the_last_event_are_not_drained_without_limit(twin, service):
    gate = Gate()
    service.stream(update("a"), update(finish_reason="stop"), DONE, b": more\n" * 20_000, gate)
    result, *_ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert result["updates"] == 2
    gate.open()
    assert gate.was_opened_in_time
    assert await asyncio.to_thread(service.all_closed)


async def test_a_broken_connection_is_an_incomplete_read(twin, service):
    service.reply(Reply([event(update("a"))], breaks=True))
    _, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert isinstance(error, IncompleteReadError)
    assert error.status_code == 200


async def test_broken_compression_is_an_error_of_azure_core(twin, service):
    service.stream(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    with pytest.raises(DecodeError):
        await anext(await twin.chat().complete(messages=MESSAGES, stream=True))


async def test_text_deltas_are_the_text_of_the_first_choice(twin, service):
    other = {"index": 1, "delta": {"content": "x"}}
    first = {"index": 0, "delta": {"role": "assistant", "content": None}}
    service.stream(
        {"choices": [other, first]}, update("a"), update("b"), update(""), update(finish_reason="stop"), DONE
    )
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    assert (await anext(stream)).choices[0].delta.content == "a"
    assert [text async for text in await stream.text_deltas()] == ["b"]


@pytest.mark.parametrize("consumed", [0, 1, 5])
async def test_final_completion_is_whole(twin, service, consumed):
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    filtered = {"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    service.stream(filtered, update("a"), update("b"), update(finish_reason="stop"), update(usage=usage), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    for _ in range(consumed):
        await anext(stream, None)
    completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == "ab"
    assert completion.choices[0].finish_reason == "stop"
    assert (completion.id, completion.model, completion.usage.total_tokens) == ("c1", "m", 3)
    assert completion.prompt_filter_results == [{"prompt_index": 0}]
    assert await stream.get_final_completion() == completion


@pytest.mark.parametrize(
    "case", [case for case in CORPUS if not case["expect"]["error"]], ids=lambda case: case["name"]
)
async def test_final_completions_of_the_corpus(twin, service, case):
    service.stream(*map(base64.b64decode, case["chunks"]))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    choice = (await stream.get_final_completion()).choices[0]
    assert (choice.message.content or "") == case["expect"]["text"]
    assert choice.finish_reason == case["expect"]["finish_reason"]
    calls = [{"id": call.id, **call.function} for call in choice.message.tool_calls or ()]
    assert calls == case["expect"].get("tool_calls", [])


async def test_final_completion_of_a_completion_that_is_not_streamed(twin, service):
    service.reply({"id": "c1", "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]})
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert (await stream.get_final_completion()).choices[0].message.content == "a"


async def test_final_completion_of_a_closed_stream_is_partial(twin, service):
    service.stream(update("a"), update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    await stream.close()
    completion = await stream.get_final_completion()
    assert completion.choices[0].message.content.startswith("a")


async def test_final_completion_raises_the_error_of_the_stream(twin, service):
    service.stream(update("a"), {"error": {"code": "c", "message": "boom"}})
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    for _ in range(2):
        with pytest.raises(HttpResponseError, match="boom"):
            await stream.get_final_completion()


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_async_streams_have_close_and_aclose(twin, service):
    client = twin.chat()
    for close in ("close", "aclose"):
        stream = (await client.complete(messages=MESSAGES, stream=True)).raw
        await getattr(stream, close)()
        await getattr(stream, close)()
        assert [item async for item in stream] == []


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_close_of_an_async_stream_works_without_await(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    stream = (await twin.chat().complete(messages=MESSAGES, stream=True)).raw
    stream.close()
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


@pytest.mark.parametrize("rest", [b": more\n" * 20_000, b": more\n" * 2_000])
@pytest.mark.usefixtures("unhurried")
async def test_what_follows_an_answer_is_read_up_to_a_limit(twin, service, rest):
    gate = Gate()
    is_long = len(rest) > _byte_stream.DRAIN_BYTES
    pieces = [rest[start : start + 70] for start in range(0, len(rest), 70)]
    service.stream(update(finish_reason="stop"), DONE, *pieces, *([gate] if is_long else []))
    client = twin.chat()
    assert len([item async for item in await client.complete(messages=MESSAGES, stream=True)]) == 1
    gate.open()
    await client.complete(messages=MESSAGES)
    assert gate.was_opened_in_time
    assert service.connections == (2 if is_long else 1)


@pytest.mark.parametrize(
    ("body", "updates"),
    [
        (b"data: " + json.dumps(update("a")).encode(), 1),
        (b'data: {"choices": []}', 0),
        (b"event: message\nid: 1\nretry: 5\n", 0),
        (b"retry: 5", 0),
        (b"data", 0),
    ],
)
async def test_an_event_stream_without_an_end_is_incomplete(twin, service, body, updates):
    service.stream(body)
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert (type(error), result["updates"]) == (IncompleteReadError, updates)


async def test_an_event_that_was_cut_says_why_it_could_not_be_read(twin, service):
    service.stream(update("a"), b'data: {"choices": [')
    _, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert type(error) is IncompleteReadError
    assert isinstance(error.__cause__, ValueError)


@pytest.mark.parametrize("beside", [{"message": "all is well"}, {"detail": [{"msg": "x"}]}])
async def test_words_beside_choices_are_no_error(twin, service, beside):
    service.stream({**update("a"), **beside}, update(finish_reason="stop"), DONE)
    result, error, _ = await collect(await twin.chat().complete(messages=MESSAGES, stream=True))
    assert error is None
    assert result["text"] == "a"


def tool_piece(index, arguments="", finish_reason=None, **more):
    piece = {"index": index, **more, "function": {"arguments": arguments, **({"name": "f"} if more else {})}}
    choices = [{"index": 0, "delta": {"tool_calls": [piece]}, "finish_reason": finish_reason}]
    return {**update(), "choices": choices}


async def test_the_completion_so_far_is_known_at_any_moment(twin, service):
    service.stream(
        update("a"), update("b"), update("c"), update("d", finish_reason="stop", usage={"total_tokens": 1}), DONE
    )
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    empty = await stream.current_completion()
    assert (empty.choices, empty.object) == ([], "chat.completion")
    found = []
    async for _ in stream:
        completion = await stream.current_completion()
        assert await stream.current_completion() == completion
        found.append((completion.choices[0].message.content, completion.choices[0].finish_reason))
        completion.choices[0].message.content = "changed"
    assert found == [("a", None), ("ab", None), ("abc", None), ("abcd", "stop")]
    final = await stream.get_final_completion()
    assert final == await stream.current_completion()
    assert (final.choices[0].message.content, final.usage.total_tokens) == ("abcd", 1)


async def test_the_completion_so_far_is_known_after_an_error(twin, service):
    service.stream(update("a"), {"error": {"message": "No."}})
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    with pytest.raises(HttpResponseError):
        await stream.get_final_completion()
    assert (await stream.current_completion()).choices[0].message.content == "a"
    with pytest.raises(HttpResponseError):
        await stream.get_final_completion()


async def test_tool_calls_come_as_soon_as_they_are_complete(twin, service):
    gate, last = Gate(), Gate()
    service.stream(
        update(""),
        tool_piece(0, '{"a', id="c0"),
        tool_piece(0, '": 1}'),
        tool_piece(1, "", id="c1"),
        gate,
        tool_piece(1, "{}"),
        {**update(), "choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]},
        last,
        update(finish_reason="tool_calls"),
        DONE,
    )
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    calls = await stream.tool_calls()
    first = await anext(calls)
    assert (first.id, first.type, first.function) == ("c0", "function", {"name": "f", "arguments": '{"a": 1}'})
    gate.open()
    last.open()
    assert [(call.id, call.function.arguments) async for call in calls] == [("c1", "{}")]
    assert gate.was_opened_in_time


async def test_tool_calls_whose_fragments_are_mixed_are_whole(twin, service):
    service.stream(
        tool_piece(0, '{"a', id="c0"),
        tool_piece(1, '{"b', id="c1"),
        tool_piece(0, '": 1}'),
        tool_piece(1, '": 2}', finish_reason="tool_calls"),
        DONE,
    )
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    calls = [(call.id, call.function.arguments) async for call in await stream.tool_calls()]
    assert calls == [("c0", '{"a": 1}'), ("c1", '{"b": 2}')]


async def test_a_stream_without_tool_calls_yields_none(twin, service):
    service.stream(update("a"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert [call async for call in await stream.tool_calls()] == []
