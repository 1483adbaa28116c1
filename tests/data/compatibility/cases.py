"""What `record.py` tries with 1.0.0b9, and the tests with ours: the same values, answers and calls for both."""

import datetime
import json
from pathlib import Path

from azure.ai.inference import models as m

FUNCTION = {"name": "f", "arguments": '{"a": 1}'}
CALL = {"id": "t1", "type": "function", "function": FUNCTION}
MOMENT = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}],
    "usage": USAGE,
}
EMBEDDINGS = {
    "id": "e1",
    "object": "list",
    "model": "m",
    "data": [{"index": 0, "object": "embedding", "embedding": [0.25, -1]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
INFO = {"model_name": "m", "model_type": "chat_completion", "model_provider_name": "p"}


def facts(name):
    """What was recorded in one of the files beside this one."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


def answer(message, finish_reason="stop"):
    """A completion with one choice."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
    return {**COMPLETION, "choices": [choice]}


def update(delta, finish_reason=None, **more):
    """An event of a stream."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return {"id": "c1", "created": 1_700_000_000, "model": "m", "choices": choices, **more}


def event(body):
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def stream(*bodies):
    return b"".join(map(event, bodies)) + b"data: [DONE]\n\n"


# 3 and 4. One instance of each model class, and nested ones.

MODELS = {
    "AssistantMessage": lambda: m.AssistantMessage("a", tool_calls=[m.ChatCompletionsToolCall(CALL)]),
    "AudioContentItem": lambda: m.AudioContentItem(input_audio=m.InputAudio(data="AAAA", format="wav")),
    "ChatChoice": lambda: m.ChatChoice(COMPLETION["choices"][0]),
    "ChatCompletions": lambda: m.ChatCompletions(answer({"content": None, "tool_calls": [CALL]}, "tool_calls")),
    "ChatCompletionsNamedToolChoice": lambda: m.ChatCompletionsNamedToolChoice(
        function=m.ChatCompletionsNamedToolChoiceFunction(name="f")
    ),
    "ChatCompletionsNamedToolChoiceFunction": lambda: m.ChatCompletionsNamedToolChoiceFunction(name="f"),
    "ChatCompletionsToolCall": lambda: m.ChatCompletionsToolCall(CALL),
    "ChatCompletionsToolDefinition": lambda: m.ChatCompletionsToolDefinition(
        function=m.FunctionDefinition(name="f", description="d", parameters={"type": "object"})
    ),
    "ChatRequestMessage": lambda: m.ChatRequestMessage(role="x"),
    "ChatResponseMessage": lambda: m.ChatResponseMessage(role="assistant", content="a"),
    "CompletionsUsage": lambda: m.CompletionsUsage(**USAGE),
    "ContentItem": lambda: m.ContentItem(type="x"),
    "DeveloperMessage": lambda: m.DeveloperMessage("d"),
    "EmbeddingItem": lambda: m.EmbeddingItem(EMBEDDINGS["data"][0]),
    "EmbeddingsResult": lambda: m.EmbeddingsResult(EMBEDDINGS),
    "EmbeddingsUsage": lambda: m.EmbeddingsUsage(EMBEDDINGS["usage"]),
    "FunctionCall": lambda: m.FunctionCall(FUNCTION),
    "FunctionDefinition": lambda: m.FunctionDefinition(name="f", parameters={"type": "object"}),
    "ImageContentItem": lambda: m.ImageContentItem(image_url=m.ImageUrl(url="u", detail=m.ImageDetailLevel.HIGH)),
    "ImageEmbeddingInput": lambda: m.ImageEmbeddingInput(image="i", text="t"),
    "ImageUrl": lambda: m.ImageUrl(url="u"),
    "InputAudio": lambda: m.InputAudio(data="AAAA", format=m.AudioContentFormat.WAV),
    "JsonSchemaFormat": lambda: m.JsonSchemaFormat(name="n", schema={"type": "object"}, strict=True),
    "ModelInfo": lambda: m.ModelInfo(INFO),
    "StreamingChatChoiceUpdate": lambda: m.StreamingChatChoiceUpdate(update({"content": "a"})["choices"][0]),
    "StreamingChatCompletionsUpdate": lambda: m.StreamingChatCompletionsUpdate(
        update({"role": "assistant", "tool_calls": [CALL]}, usage=USAGE)
    ),
    "StreamingChatResponseMessageUpdate": lambda: m.StreamingChatResponseMessageUpdate(content="a"),
    "StreamingChatResponseToolCallUpdate": lambda: m.StreamingChatResponseToolCallUpdate(CALL),
    "SystemMessage": lambda: m.SystemMessage("s"),
    "TextContentItem": lambda: m.TextContentItem(text="t"),
    "ToolMessage": lambda: m.ToolMessage("r", tool_call_id="t1"),
    "UserMessage": lambda: m.UserMessage(
        [m.TextContentItem(text="t"), m.ImageContentItem(image_url=m.ImageUrl(url="u"))]
    ),
}

# 5. A tool call, with and without its type, and the ways in which a program comes to send it.

WITHOUT_TYPE = {"id": "t1", "function": FUNCTION}
TOOL_CALLS = {
    "absent": WITHOUT_TYPE,
    "null": {**WITHOUT_TYPE, "type": None},
    "empty": {**WITHOUT_TYPE, "type": ""},
    "other": {**WITHOUT_TYPE, "type": "custom"},
    "right": CALL,
}


def _set_attribute(call):
    message = m.AssistantMessage("a")
    message.tool_calls = [call]
    return message


TOOL_CALL_PLACES = {
    "keyword": lambda call: m.AssistantMessage(tool_calls=[call]),
    "keyword beside content": lambda call: m.AssistantMessage("", tool_calls=[call]),
    "mapping": lambda call: m.AssistantMessage({"role": "assistant", "tool_calls": [call]}),
    "attribute": _set_attribute,
    "model from a mapping": lambda call: m.AssistantMessage(tool_calls=[m.ChatCompletionsToolCall(call)]),
    "keywords of the model": lambda call: m.AssistantMessage(tool_calls=[m.ChatCompletionsToolCall(**call)]),
    "plain dict": lambda call: {"role": "assistant", "tool_calls": [call]},
}
"""A message that holds the call. Beside these, there is the message of an answer, sent back as it came."""

MODEL_EXTRAS = {
    "a null beside a value": {"x": None, "y": 1},
    "nothing but a null": {"x": None},
    "a null further in": {"x": {"a": None}},
}

# 6. Objects that change after they were given to a model.


def _content(items, make, change):
    message = make(items)
    change(items)
    return message


def _schema(make):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    made = make(schema)
    schema["properties"]["a"]["type"] = "integer"
    schema["more"] = True
    return made


def _set_parameters(schema):
    definition = m.FunctionDefinition(name="f")
    definition.parameters = schema
    return definition


def _append_item(items):
    items.append(m.TextContentItem(text="b"))


ALIASES = {
    "content by keyword": lambda: _content(
        [m.TextContentItem(text="a")], lambda items: m.UserMessage(content=items), _append_item
    ),
    "content by position": lambda: _content([m.TextContentItem(text="a")], m.UserMessage, _append_item),
    "content that began empty": lambda: _content([], lambda items: m.UserMessage(content=items), _append_item),
    "item of the content": lambda: _content(
        [m.TextContentItem(text="a")], m.UserMessage, lambda items: setattr(items[0], "text", "b")
    ),
    "dict in the content": lambda: _content(
        [{"type": "text", "text": "a"}], m.UserMessage, lambda items: items[0].update(text="b")
    ),
    "parameters": lambda: _schema(lambda schema: m.FunctionDefinition(name="f", parameters=schema)),
    "parameters in a mapping": lambda: _schema(lambda s: m.FunctionDefinition({"name": "f", "parameters": s})),
    "parameters by attribute": lambda: _schema(_set_parameters),
    "schema": lambda: _schema(lambda schema: m.JsonSchemaFormat(name="n", schema=schema)),
    "list of tool calls": lambda: _content(
        [m.ChatCompletionsToolCall(CALL)],
        lambda calls: m.AssistantMessage(tool_calls=calls),
        lambda calls: calls.append(m.ChatCompletionsToolCall(CALL)),
    ),
}

# 8. Errors: status, content type and body.

_DETAIL = [{"loc": ["body", "messages", 0, "content"], "msg": "bad value", "type": "value_error"}]
_FILTER = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}}


def _json(status, body):
    return status, "application/json", json.dumps(body)


ERRORS = {
    "nested": _json(400, {"error": {"code": "c", "message": "Wrong."}}),
    "nested, all fields": _json(
        400,
        {
            "error": {
                "code": "content_filter",
                "message": "Blocked.",
                "target": "messages",
                "param": "messages",
                "type": "policy",
                "status": 400,
                "innererror": _FILTER,
            }
        },
    ),
    "nested, with details": _json(
        429,
        {
            "error": {
                "code": "RateLimitReached",
                "message": "Slow down.",
                "details": [{"code": "quota", "message": "tokens per minute"}],
            }
        },
    ),
    "nested, number as code": _json(401, {"error": {"code": 401, "message": "Key rejected."}}),
    "nested, code alone": _json(400, {"error": {"code": "c"}}),
    "nested, message alone": _json(400, {"error": {"message": "Wrong."}}),
    "nested, detail": _json(
        422, {"error": {"code": "not_supported", "message": "No.", "detail": {"loc": ["body"], "input": "x"}}}
    ),
    "flat": _json(429, {"status": 429, "error": "Too Many Requests", "message": "Slow down."}),
    "flat, all fields": _json(
        400,
        {"status": 400, "code": "c", "error": "Bad Request", "message": "Blocked.", "param": "messages", "type": "t"},
    ),
    "flat, without error": _json(429, {"code": "RateLimit", "message": "Slow down."}),
    "detail, array": _json(422, {"detail": _DETAIL}),
    "detail, object": _json(
        422,
        {
            "status": 422,
            "code": "parameter_not_supported",
            "error": "Unprocessable",
            "message": "No.",
            "detail": {"loc": ["body", "response_format"], "input": "json_object"},
        },
    ),
    "detail, text": _json(422, {"detail": "Wrong."}),
    "error, text": _json(429, {"error": "Slow down."}),
    "error, null": _json(400, {"error": None}),
    "error, empty": _json(400, {"error": {}}),
    "empty object": _json(400, {}),
    "array": _json(400, ["Wrong."]),
    "string": _json(400, "Wrong."),
    "broken JSON": (400, "application/json", '{"error": '),
    "HTML": (502, "text/html", "<html>bad gateway</html>"),
    "plain text": (429, "text/plain", "Slow down."),
    "nothing": (500, "application/json", ""),
}
STREAM_ERRORS = {
    "nested": {"error": {"code": "429", "message": "Slow down."}},
    "flat": {"code": "429", "message": "Slow down."},
    "flat beside error": {"code": "429", "error": "Too Many Requests", "message": "Slow down."},
    "error, text": {"error": "Slow down."},
    "detail": {"detail": "Slow down."},
}

# 10. The methods of a dict, with its arguments by keyword.


def _message():
    return m.UserMessage("a")


MODEL_METHODS = {
    "get, default": lambda: _message().get("x", default=5),
    "get, key": lambda: _message().get(key="content"),
    "get, key and default": lambda: _message().get(key="x", default=5),
    "pop, default": lambda: _message().pop("x", default=5),
    "pop, key": lambda: _message().pop(key="content"),
    "pop, default None": lambda: _message().pop("x", default=None),
    "setdefault, default": lambda: _message().setdefault("x", default=5),
    "setdefault, key": lambda: _message().setdefault(key="content", default=5),
    "setdefault, alone": lambda: _message().setdefault("x"),
}
FROM_MAPPINGS = {
    "datetime": lambda: m.ChatCompletions({"created": MOMENT}),
    "datetime without a zone": lambda: m.ChatCompletions({"created": MOMENT.replace(tzinfo=None)}),
    "datetime of an update": lambda: m.StreamingChatCompletionsUpdate({"created": MOMENT}),
    "member of an enum": lambda: m.ChatChoice({"finish_reason": m.CompletionsFinishReason.STOPPED}),
}

# 11. Calls that are traced: client, method, keywords, and the answer (None: the plainest that there is).

MESSAGES = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}]
LONG = [
    *MESSAGES,
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "content": "r", "tool_call_id": "t1"},
    {"role": "user", "content": [{"type": "text", "text": "t"}]},
]
_PIECES = [{"index": 0, **CALL, "function": {**FUNCTION, "arguments": ""}}], [
    {"index": 0, "function": {"arguments": FUNCTION["arguments"]}}
]
_CHAT, _EMBED, _IMAGES = "ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient"
_WITH_CALL_ID = {**CALL, "function": {**FUNCTION, "call_id": None}}
TRACED = {
    "plain": (_CHAT, "complete", {"messages": MESSAGES}, None),
    "settings": (
        _CHAT,
        "complete",
        {"messages": MESSAGES, "model": "m", "temperature": 0.5, "top_p": 0.9, "max_tokens": 5},
        None,
    ),
    "messages of all kinds": (_CHAT, "complete", {"messages": LONG}, None),
    "tool call": (
        _CHAT,
        "complete",
        {"messages": MESSAGES},
        answer({"content": None, "tool_calls": [CALL]}, "tool_calls"),
    ),
    "tool call without content": (
        _CHAT,
        "complete",
        {"messages": MESSAGES},
        answer({"tool_calls": [CALL]}, "tool_calls"),
    ),
    "tool call with a call_id": (
        _CHAT,
        "complete",
        {"messages": MESSAGES},
        answer({"content": None, "tool_calls": [_WITH_CALL_ID]}, "tool_calls"),
    ),
    "no content": (_CHAT, "complete", {"messages": MESSAGES}, answer({})),
    "stream": (
        _CHAT,
        "complete",
        {"messages": MESSAGES, "stream": True},
        stream(update({"role": "assistant", "content": "a"}), update({"content": "b"}), update({}, "stop")),
    ),
    "stream of a tool call": (
        _CHAT,
        "complete",
        {"messages": MESSAGES, "stream": True},
        stream(
            update({"role": "assistant", "content": None, "tool_calls": _PIECES[0]}),
            update({"tool_calls": _PIECES[1]}),
            update({}, "tool_calls"),
        ),
    ),
    "stream without content": (
        _CHAT,
        "complete",
        {"messages": MESSAGES, "stream": True},
        stream(update({"role": "assistant"}), update({}, "stop")),
    ),
    "embed": (_EMBED, "embed", {"input": ["a"], "model": "m", "dimensions": 2, "encoding_format": "float"}, None),
    "embed images": (_IMAGES, "embed", {"input": [{"image": "i"}]}, None),
    "model info of chat": (_CHAT, "get_model_info", {}, None),
    "model info of embeddings": (_EMBED, "get_model_info", {}, None),
    "model info of images": (_IMAGES, "get_model_info", {}, None),
    "embed, error": (_EMBED, "embed", {"input": ["a"]}, ERRORS["nested"]),
    "model info, error": (_CHAT, "get_model_info", {}, _json(404, {"error": {"code": "c", "message": "Gone."}})),
}
