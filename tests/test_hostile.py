"""Answers that no service should give: whatever they hold, they can be looked at, copied and printed."""

import copy
import json
import pickle
from contextlib import suppress
from types import SimpleNamespace

import pytest
from azure.ai.inference._body import read_answer
from azure.ai.inference._errors import body_error, response_error
from azure.ai.inference._json import MAX_DEPTH
from azure.ai.inference._model_base import Model
from azure.ai.inference.models import ChatCompletions, EmbeddingItem, EmbeddingsResult, ModelInfo
from azure.ai.inference.models._streams import _texts
from azure.ai.inference.models._update_reader import UpdateReader
from azure.core.exceptions import DecodeError, HttpResponseError, IncompleteReadError
from hypothesis import given
from hypothesis import strategies as st
from loopback import COMPLETION, EMBEDDINGS, INFO, Reply, event, json_reply, update

MESSAGES = [{"role": "user", "content": "hi"}]
CALL = {"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
LOGPROBS = {
    "content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": [{"token": "a", "logprob": -1}]}]
}
USAGE = {**COMPLETION["usage"], "prompt_tokens_details": {"cached_tokens": 1}}
MESSAGE = {
    "role": "assistant",
    "content": "ok",
    "tool_calls": [CALL],
    "audio": {"id": "a1", "data": "AAAA", "expires_at": 1_700_000_000, "transcript": "ok", "format": "wav"},
}
CHOICE = {"index": 0, "finish_reason": "stop", "logprobs": LOGPROBS}
ANSWERS = {
    ChatCompletions: {**COMPLETION, "choices": [{**CHOICE, "message": MESSAGE}], "usage": USAGE},
    EmbeddingsResult: EMBEDDINGS,
    ModelInfo: INFO,
}
UPDATE = {**update(), "choices": [{**CHOICE, "delta": MESSAGE}], "usage": USAGE}
ERROR = {"error": {"code": "c", "message": "m", "target": "t", "details": [{"code": "d"}], "innererror": {"code": "i"}}}

ALLOWED = (AttributeError, KeyError, TypeError, ValueError)
TWICE = "\x00twice"
"""A key that is written as the one before it, so that an object holds that one twice."""

huge = st.sampled_from([10**400, -(10**400), 2**64, -(2**63) - 1, 1e308, 1.7e12, 10**20])
odd_texts = st.text() | st.sampled_from(["\ud800", "a\udfff", "\x00", "x" * 70_000, "NaN", "[" * 300])
scalars = st.none() | st.booleans() | st.integers() | huge | st.floats() | odd_texts
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*MESSAGE, *CHOICE, *CALL, TWICE]) | st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def nested(levels):
    value = 0
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


deep = st.sampled_from([MAX_DEPTH // 2, MAX_DEPTH, 400]).map(nested)


def paths(value, path=()):
    """The paths of all that is in a body."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


@st.composite
def bodies(draw, valid):
    """A body that was valid, with some of it missing, or of another type, or there twice; as JSON."""
    body = json.loads(json.dumps(valid))
    for _ in range(draw(st.integers(0, 3))):
        *path, last = draw(st.sampled_from([found for found in paths(body) if found]))
        owner = body
        for key in path:
            owner = owner[key]
        change = draw(st.sampled_from(["delete", "replace", "replace", "replace", "twice", "add"]))
        if change == "delete":
            del owner[last]
        elif change == "replace":
            owner[last] = draw(junk | deep)
        elif isinstance(owner, dict):
            owner[last + TWICE if change == "twice" else draw(st.text())] = draw(junk)
        if not body:
            break
    return (
        json.dumps(body, ensure_ascii=draw(st.booleans()))
        .replace(json.dumps(TWICE)[1:-1], "")
        .encode(errors="surrogatepass")
    )


def read_all(value, *, depth=0):
    """Read every attribute of models, and use what they have to use."""
    if isinstance(value, Model):
        for name in [*type(value)._fields, "request_id", "response_headers"]:
            try:
                found = getattr(value, name)
            except ALLOWED:
                continue
            read_all(found)
        if hasattr(value, "to_floats"):
            with suppress(*ALLOWED):
                value.to_floats()
    elif isinstance(value, list):
        for item in value:
            read_all(item)


def handle(value):
    """Do with a model what programs do with any object."""
    assert repr(value)
    str(value)
    assert value == value  # noqa: PLR0124
    value != {}  # noqa: B015
    read_all(value)
    assert repr(copy.copy(value)) == repr(value) == repr(value.copy())
    assert repr(copy.deepcopy(value)) == repr(value)
    assert repr(pickle.loads(pickle.dumps(value))) == repr(value)
    assert repr(value.as_dict())
    assert json.loads(json.dumps(value)) is not None
    dir(value)


def response_of(content, status=200):
    return SimpleNamespace(
        content=content,
        status_code=status,
        reason="OK",
        headers={},
        content_type="application/json",
        text=lambda encoding=None: content.decode(errors="replace"),
        request=SimpleNamespace(url="http://x/chat/completions"),
    )


MISSING = object()
REPLACEMENTS = [
    *(MISSING, None, True, 0, 5, 10**400, float("nan"), "", "x", "\ud800", "AAAA", [], [None], [5, "x"], [[]]),
    *([{}, 5, None], [10**400], {}, {"content": 5, "a": ["x"]}, nested(MAX_DEPTH - 10)),
]


def variants(valid):
    """A body with one thing in it in another way, for each thing and each way, as JSON."""
    for path in paths(valid):
        for replacement in REPLACEMENTS:
            body = [copy.deepcopy(valid)]
            owner, last = body, 0
            for key in path:
                owner, last = owner[last], key
            if replacement is MISSING:
                del owner[last]
            else:
                owner[last] = replacement
            yield from (json.dumps(found).encode() for found in body)


def read_as(model, content):
    with suppress(DecodeError, IncompleteReadError):
        handle(read_answer(model, response_of(content)))


def read_stream(*contents, as_events=True):
    reader = UpdateReader(response_of(b""))
    for content in contents:
        reader.feed(b"data: " + content + b"\n\n" if as_events else content)
    reader.end()
    with suppress(DecodeError, IncompleteReadError):
        while (found := reader.next_update()) is not None:
            handle(found)
            assert all(isinstance(text, str) for text in _texts(found))
    handle(reader.completion())


def read_error(content):
    error = response_error(response_of(content, 400))
    assert type(error) is HttpResponseError
    for text in (str(error), repr(error), error.message):
        assert isinstance(text, str)
    body = json.loads(content.decode(errors="replace"))
    if isinstance(body, dict):
        assert str(body_error(response_of(content), body))


@pytest.mark.parametrize("model", ANSWERS)
def test_an_answer_with_anything_in_any_place_can_be_read_or_is_refused(model):
    for content in variants(ANSWERS[model]):
        read_as(model, content)


def test_a_stream_with_anything_in_any_place_can_be_read_or_is_refused():
    normal = json.dumps(UPDATE).encode()
    for content in variants(UPDATE):
        read_stream(normal, content, normal)


def test_a_whole_answer_in_place_of_a_stream_can_be_read_or_is_refused():
    for content in variants(ANSWERS[ChatCompletions]):
        read_stream(content, as_events=False)


def test_an_error_with_anything_in_any_place_is_an_error():
    for content in variants(ERROR):
        read_error(content)


@pytest.mark.parametrize("model", ANSWERS)
@given(data=st.data())
def test_an_answer_of_any_shape_can_be_read_or_is_refused(model, data):
    read_as(model, data.draw(bodies(ANSWERS[model])))


@given(contents=st.lists(bodies(UPDATE), min_size=1, max_size=3))
def test_a_stream_of_any_shape_can_be_read_or_is_refused(contents):
    read_stream(*contents)


@given(content=bodies(ERROR) | junk.map(lambda value: json.dumps(value).encode()))
def test_an_error_of_any_shape_is_an_error(content):
    read_error(content)


DEEP = json.dumps({**UPDATE, **ANSWERS[ChatCompletions], "data": nested(400)}).encode()


@pytest.mark.parametrize("operation", ["complete", "embed", "embed_images"])
async def test_an_answer_that_is_nested_too_deeply_says_so(twin, service, operation):
    service.reply(json_reply(DEEP))
    with pytest.raises(DecodeError, match=f"nested more than {MAX_DEPTH} levels deep"):
        await twin.call(operation)


async def test_an_error_that_is_nested_too_deeply_is_an_error(twin, service):
    service.reply(json_reply(DEEP, 400), json_reply(b'{"error":' * 50_000 + b"}" * 50_000, 400))
    for _ in range(2):
        with pytest.raises(HttpResponseError, match="Status: 400") as raised:
            await twin.call("complete")
        assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@pytest.mark.parametrize("read", ["text_deltas", "get_final_completion"])
async def test_a_stream_that_is_nested_too_deeply_says_so(twin, service, read):
    service.reply(Reply([event(update("a")), b"data: " + DEEP + b"\n\n"]))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    with pytest.raises(DecodeError, match=f"nested more than {MAX_DEPTH} levels deep"):
        await use(stream, read)


async def use(stream, read):
    """Read a stream to its end in one of two ways."""
    if read == "get_final_completion":
        return await stream.get_final_completion()
    return [text async for text in await stream.text_deltas()]


@pytest.mark.parametrize("read", ["text_deltas", "get_final_completion"])
@pytest.mark.parametrize(
    "body",
    [
        {"choices": 5},
        {"choices": {}},
        {"choices": ["x"]},
        {"choices": [{"index": 0, "delta": "x"}]},
        {"choices": [{"index": 0, "delta": 0}]},
        {"choices": [{"index": 0, "message": "x"}]},
    ],
)
async def test_an_update_of_another_shape_is_refused(twin, service, read, body):
    service.stream(update("a"), body, update(finish_reason="stop"))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    with pytest.raises(DecodeError):
        await use(stream, read)


@pytest.mark.parametrize("body", [{"choices": 5}, {"choices": [{"index": 0, "message": "x"}]}])
async def test_a_whole_answer_of_another_shape_in_place_of_a_stream_is_refused(twin, service, body):
    service.reply(json_reply(body))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    with pytest.raises(DecodeError):
        await stream.get_final_completion()


async def test_content_that_is_no_text_is_no_text_delta(twin, service):
    service.stream(update("a"), update(5), update(["x"]), update("b"), update(finish_reason="stop"))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert await use(stream, "text_deltas") == ["a", "b"]


def test_a_vector_with_a_number_that_is_too_large_is_a_value_error():
    with pytest.raises(ValueError, match="too large"):
        EmbeddingItem({"embedding": [0.5, 10**400]}).to_floats()
