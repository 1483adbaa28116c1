"""complete(): requests and results."""

import inspect
import io
import json

import pytest
from azure.ai.inference.models import (
    AsyncStreamingChatCompletions,
    ChatCompletions,
    ChatCompletionsResponseFormatJSON,
    ChatCompletionsResponseFormatText,
    ChatCompletionsToolChoicePreset,
    CompletionsFinishReason,
    JsonSchemaFormat,
    StreamingChatCompletions,
    UserMessage,
)
from azure.core.exceptions import DecodeError, HttpResponseError
from loopback import COMPLETION, Reply, json_reply

MESSAGES = [UserMessage("hi")]
WIRE_MESSAGES = [{"role": "user", "content": "hi"}]
BODY = {"messages": WIRE_MESSAGES}
STREAMS = (StreamingChatCompletions, AsyncStreamingChatCompletions)


def encoded(body):
    return json.dumps(body).encode()


def file(body):
    return io.BytesIO(encoded(body))


async def test_result_is_a_model_of_the_response_body(twin):
    answer = await twin.chat().complete(messages=MESSAGES)
    assert isinstance(answer, ChatCompletions)
    assert answer == COMPLETION
    assert answer.choices[0].message.content == "ok"
    assert answer.choices[0].finish_reason is CompletionsFinishReason.STOPPED
    assert answer.usage.total_tokens == 3
    assert answer.created.isoformat() == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize("messages", [MESSAGES, WIRE_MESSAGES])
@pytest.mark.parametrize("collect", [list, tuple, iter])
async def test_messages_are_objects_or_mappings_in_any_iterable(twin, service, messages, collect):
    await twin.chat().complete(messages=collect(messages))
    assert service.request.json == BODY


@pytest.mark.parametrize("arguments", [{}, {"messages": None}, {"body": None}, {"model": "m"}])
async def test_missing_messages_raise_before_anything_is_sent(twin, service, arguments):
    with pytest.raises(TypeError, match="missing required argument: messages"):
        await twin.chat().complete(**arguments)
    assert service.requests == []


@pytest.mark.parametrize("messages", ["hi", UserMessage("hi"), 5])
async def test_messages_of_invalid_types_are_refused(twin, service, messages):
    with pytest.raises(TypeError, match="`messages` must be a sequence of messages"):
        await twin.chat().complete(messages=messages)
    assert service.requests == []


async def test_arguments_that_are_not_json_serializable_are_named(twin, service):
    with pytest.raises(TypeError, match=r"`tools` is not JSON-serializable: .*object"):
        await twin.chat().complete(messages=MESSAGES, tools=[object()])
    with pytest.raises(TypeError, match=r"`body` is not JSON-serializable: .*keys must be str"):
        await twin.chat().complete({"messages": WIRE_MESSAGES, (1, 2): 3})
    assert service.requests == []


@pytest.mark.off_spec
async def test_omitted_keywords_fall_back_to_the_defaults_of_the_client(twin, service):
    client = twin.chat(temperature=0.5, max_tokens=10, model="a", stop=["x"], response_format="text")
    await client.complete(messages=MESSAGES, temperature=0, model="", stop=[], response_format="json_object")
    assert service.request.json == {
        "messages": WIRE_MESSAGES,
        "max_tokens": 10,
        "model": "",
        "response_format": {"type": "json_object"},
        "stop": [],
        "temperature": 0,
    }


async def test_extras_of_a_call_replace_those_of_the_client(twin, service):
    client = twin.chat(model_extras={"k": 1, "j": 2})
    await client.complete(messages=MESSAGES, model_extras={"k": 3})
    await client.complete(messages=MESSAGES, model_extras={})
    first, second = service.requests
    assert first.json == {**BODY, "k": 3}
    assert second.json == {**BODY, "k": 1, "j": 2}
    assert first.headers["extra-parameters"] == second.headers["extra-parameters"] == "pass-through"


async def test_arguments_are_not_modified(twin, service):
    headers, params, extras, body = {"a": "b"}, {"q": "1"}, {"k": 1}, {"messages": list(WIRE_MESSAGES)}
    client = twin.chat(headers=headers, model_extras=extras)
    await client.complete(messages=MESSAGES, headers=headers, params=params, model_extras=extras)
    await client.complete(body, temperature=1, headers=headers, model_extras=extras)
    assert (headers, params, extras, body) == ({"a": "b"}, {"q": "1"}, {"k": 1}, {"messages": WIRE_MESSAGES})


@pytest.mark.off_spec
@pytest.mark.parametrize("make", [dict, encoded, file])
async def test_body_is_sent_unchanged(twin, service, make):
    await twin.chat(temperature=0.9).complete(make({**BODY, "top_k": 3}))
    assert service.request.json == {**BODY, "top_k": 3}
    assert "extra-parameters" not in service.request.headers


@pytest.mark.off_spec
@pytest.mark.parametrize("kind", [bytearray, memoryview, io.BytesIO])
async def test_body_may_be_bytes_or_a_binary_file(twin, service, kind):
    await twin.chat().complete(kind(b"{}"))
    assert service.request.body == b"{}"


@pytest.mark.parametrize("body", ["{}", io.StringIO("{}"), 5, ["messages"]], ids=["str", "text file", "int", "list"])
async def test_body_of_another_type_is_refused(twin, service, body):
    with pytest.raises(TypeError, match="`body` must be a mapping, bytes or a binary file"):
        await twin.chat().complete(body)
    assert service.requests == []


@pytest.mark.parametrize("make", [dict, encoded, file])
async def test_body_with_stream_true_returns_a_stream(twin, service, make):
    stream = await twin.chat().complete(make({**BODY, "stream": True}))
    assert isinstance(stream.raw, STREAMS)
    assert len([update async for update in stream]) == 2
    assert service.request.json == {**BODY, "stream": True}


@pytest.mark.parametrize("make", [dict, encoded])
async def test_keywords_are_merged_into_the_body(twin, service, make):
    stream = await twin.chat(model="m").complete(make({**BODY, "seed": 1}), stream=True, seed=2, model_extras={"k": 1})
    await stream.close()
    assert service.request.json == {**BODY, "stream": True, "seed": 2, "k": 1}
    assert service.request.headers["extra-parameters"] == "pass-through"


@pytest.mark.parametrize("body", [b"[1]", b"{oops"])
async def test_keywords_need_a_body_that_is_an_object(twin, service, body):
    with pytest.raises(ValueError, match="`body` must hold a JSON object"):
        await twin.chat().complete(body, stream=True)
    assert service.requests == []


@pytest.mark.off_spec
@pytest.mark.parametrize("body", [b'["stream"]', b'{"stream": oops'])
async def test_invalid_bytes_are_sent_unchanged(twin, service, body):
    await twin.chat().complete(body)
    assert service.request.body == body


async def test_stream_false_is_sent_and_returns_a_completion(twin, service):
    assert isinstance(await twin.chat().complete(messages=MESSAGES, stream=False), ChatCompletions)
    assert service.request.json == {**BODY, "stream": False}


async def test_headers_and_query_parameters_of_the_caller_win(twin, service):
    await twin.chat().complete(
        messages=MESSAGES,
        model_extras={"k": 1},
        content_type="application/merge-patch+json",
        headers={"Accept": "text/plain", "extra-parameters": "drop"},
        params={"api-version": "mine", "q": "z"},
    )
    headers = service.request.headers
    assert headers["accept"] == "text/plain"
    assert headers["extra-parameters"] == "drop"
    assert headers["content-type"] == "application/merge-patch+json"
    assert service.request.query == [("api-version", "mine"), ("q", "z")]


async def test_headers_and_params_may_be_none(twin, service):
    await twin.chat(headers=None).complete(messages=MESSAGES, headers=None, params=None)
    assert service.request.headers["api-key"] == "key-1"


class Answer:
    """The method of pydantic models that is used."""

    @classmethod
    def model_json_schema(cls):
        return {"type": "object", "properties": {"answer": {"type": "string"}}}


JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("text", {"type": "text"}),
        ("json_object", {"type": "json_object"}),
        (ChatCompletionsResponseFormatText(), {"type": "text"}),
        (ChatCompletionsResponseFormatJSON(), {"type": "json_object"}),
        ({"type": ChatCompletionsResponseFormatText()}, {"type": "text"}),
        ({"type": ChatCompletionsResponseFormatJSON()}, {"type": "json_object"}),
        ({"type": "text"}, {"type": "text"}),
        (JSON_SCHEMA, JSON_SCHEMA),
        (Answer, {"type": "json_schema", "json_schema": {"name": "Answer", "schema": Answer.model_json_schema()}}),
        (
            type("Box[int]", (Answer,), {}),
            {"type": "json_schema", "json_schema": {"name": "Box_int_", "schema": Answer.model_json_schema()}},
        ),
        (
            JsonSchemaFormat(name="n", schema={"type": "object"}, strict=True),
            {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}},
        ),
    ],
)
async def test_response_formats(twin, service, given, sent):
    await twin.chat().complete(messages=MESSAGES, response_format=given)
    assert service.request.json["response_format"] == sent


@pytest.mark.parametrize("value", ["yaml", 5, {}, {"type": 5}, {"type": {}}, ["text"]])
async def test_unknown_response_format_is_refused(twin, service, value):
    with pytest.raises(ValueError, match=r"Unsupported `response_format` .*: give 'text', 'json_object', a JsonSchema"):
        await twin.chat().complete(messages=MESSAGES, response_format=value)
    with pytest.raises(ValueError, match="Unsupported `response_format`"):
        twin.chat(response_format=value)
    assert service.requests == []


async def test_tool_choice_is_sent_as_a_string(twin, service):
    await twin.chat().complete(messages=MESSAGES, tool_choice=ChatCompletionsToolChoicePreset.AUTO)
    assert service.request.json["tool_choice"] == "auto"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b"[1]", b"\xff", b"[" * 100_000],
    ids=["none", "html", "null", "list", "binary", "deep"],
)
async def test_invalid_responses_raise_decode_error(twin, service, body):
    service.reply(json_reply(body))
    with pytest.raises(DecodeError) as raised:
        await twin.chat().complete(messages=MESSAGES, params={"secret": "s3"})
    assert f"{service.url}/chat/completions (status 200, content type application/json)" in str(raised.value)
    assert repr(body.decode(errors="replace")[:100])[1:-1] in str(raised.value)
    assert "s3" not in str(raised.value)
    assert raised.value.status_code == 200


async def test_byte_order_mark_before_a_response_is_skipped(twin, service):
    service.reply(json_reply(b"\xef\xbb\xbf" + json.dumps(COMPLETION).encode()))
    assert (await twin.chat().complete(messages=MESSAGES)) == COMPLETION


async def test_the_error_map_of_the_caller_wins(twin, service):
    class TeapotError(HttpResponseError):
        pass

    service.reply(Reply([b"{}"], 418, "application/json"))
    with pytest.raises(TeapotError):
        await twin.chat().complete(messages=MESSAGES, error_map={418: TeapotError})


LATER = {
    "max_completion_tokens": 5,
    "n": 2,
    "logprobs": True,
    "top_logprobs": 3,
    "logit_bias": {"7": -1},
    "parallel_tool_calls": False,
    "reasoning_effort": "low",
    "stream_options": {"include_usage": True},
    "modalities": ["text"],
    "user": "u",
    "metadata": {"a": "b"},
    "store": False,
}


async def test_pass_through_keywords_are_sent_as_extras(twin, service):
    await twin.chat().complete(messages=MESSAGES, top_p=1, **LATER)
    assert list(service.request.json.items()) == [("messages", WIRE_MESSAGES), ("top_p", 1), *LATER.items()]
    assert service.request.headers["extra-parameters"] == "pass-through"


@pytest.mark.parametrize("name", LATER)
async def test_each_pass_through_keyword_alone(twin, service, name):
    await twin.chat().complete(messages=MESSAGES, **{name: LATER[name]})
    assert service.request.json == {**BODY, name: LATER[name]}


async def test_pass_through_keywords_win_over_extras(twin, service):
    client = twin.chat(model_extras={"n": 1, "seed": 1})
    await client.complete(messages=MESSAGES, n=2)
    await client.complete(messages=MESSAGES, n=2, model_extras={"n": 3, "user": "u"})
    await client.complete(BODY, n=2)
    assert [request.json for request in service.requests] == [
        {**BODY, "n": 2, "seed": 1},
        {**BODY, "n": 2, "user": "u"},
        {**BODY, "n": 2},
    ]


WIRE_ORDER = {
    "complete": [
        *("messages", "stream", "frequency_penalty", "max_tokens", "model", "presence_penalty", "response_format"),
        *("seed", "stop", "temperature", "tool_choice", "tools", "top_p"),
        *("max_completion_tokens", "n", "logprobs", "top_logprobs", "logit_bias", "parallel_tool_calls"),
        *("reasoning_effort", "stream_options", "modalities", "user", "metadata", "store", "verbosity"),
        *("service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "prediction"),
        *("web_search_options", "audio", "moderation"),
    ],
    "embed": ["input", "dimensions", "encoding_format", "input_type", "model"],
}


def keywords(function):
    """Return the keywords that are sent in the body, each with a different value."""
    special = {"messages": [{}], "input": ["text"], "stream": False, "response_format": {"type": "t"}}
    return {
        name: special.get(name, f"value of {name}")
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name != "model_extras"
    }


@pytest.mark.off_spec
@pytest.mark.parametrize(
    ("make", "method"), [("chat", "complete"), ("embeddings", "embed"), ("image_embeddings", "embed")]
)
async def test_every_keyword_is_sent_in_the_order_of_the_wire(twin, service, make, method):
    client = getattr(twin, make)()
    values = keywords(getattr(client.raw, method))
    await getattr(client, method)(**values)
    assert list(service.request.json) == WIRE_ORDER[method]
    assert service.request.json == values


@pytest.mark.off_spec
@pytest.mark.parametrize(
    ("make", "method", "required"),
    [("chat", "complete", "messages"), ("embeddings", "embed", "input"), ("image_embeddings", "embed", "input")],
)
async def test_every_keyword_of_a_constructor_is_a_default_of_calls(twin, service, make, method, required):
    make = getattr(twin, make)
    values = keywords(type(make().raw))
    await getattr(make(**values), method)(**{required: []})
    assert service.request.json == {required: [], **values}


@pytest.mark.parametrize("messages", [b"hi", "hi", {"role": "user"}, 5])
async def test_messages_of_another_type_are_refused_before_anything_is_sent(twin, service, messages):
    with pytest.raises(TypeError, match="`messages` must be a sequence of messages"):
        await twin.chat().complete(messages=messages)
    assert service.requests == []


@pytest.mark.off_spec
@pytest.mark.parametrize("body", [b'["stream"]', b'"stream"', b'{"stream"', b'{"stream": false}'])
async def test_a_body_that_asks_for_no_stream_gets_none(twin, service, body):
    assert isinstance(await twin.chat().complete(body), ChatCompletions)
    assert service.request.body == body
