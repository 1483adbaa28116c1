"""The bodies that a service sends, as the specification of the API has them. Equal requests get equal bodies."""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ._requests import SentRequest

CREATED = 1_735_689_600
"""The time of every answer: 2025-01-01, 00:00 UTC."""
DEFAULT_MODEL = "fake-model"
DEFAULT_DIMENSIONS = 8
_CATEGORIES = ("hate", "self_harm", "sexual", "violence")
_SCALE = 2**24
"""A float of 32 bits holds each multiple of 1 / _SCALE from -1 to 1 exactly."""

ToolCall = tuple[str, str]
"""The name of a function, and the JSON of its arguments."""


def completion(request: SentRequest, message: Mapping[str, Any], finish_reason: str) -> dict[str, Any]:
    """A whole completion with one choice."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
    return {**_head(request, "chat.completion"), "choices": [choice], "usage": usage(request, message)}


def update(request: SentRequest, delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    """One update of a stream."""
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
    return {**_head(request, "chat.completion.chunk"), "choices": [choice]}


def updates(request: SentRequest, deltas: Sequence[Mapping[str, Any]], finish_reason: str) -> Iterator[dict[str, Any]]:
    """The updates of a stream: one for each delta, one with the finish reason, and the usage if it was asked for."""
    for number, delta in enumerate(deltas):
        yield update(request, delta if number else {"role": "assistant", **delta})
    yield update(request, {}, finish_reason)
    if (request.keywords.get("stream_options") or {}).get("include_usage"):
        yield {**_head(request, "chat.completion.chunk"), "choices": [], "usage": usage(request, deltas)}


def _head(request: SentRequest, kind: str) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(request.body).encode()).hexdigest()
    model = request.keywords.get("model", DEFAULT_MODEL)
    return {"id": f"fake-{digest[:12]}", "object": kind, "created": CREATED, "model": model}


def usage(request: SentRequest, answer: Any) -> dict[str, int]:
    """The usage, as if each word were a token."""
    sent, received = _words(request.messages), _words(answer)
    return {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}


def _words(value: Any) -> int:
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, Mapping):
        return sum(_words(part) for key, part in value.items() if key != "role")
    return sum(map(_words, value)) if isinstance(value, Iterable) else 0


def tool_calls(calls: Sequence[ToolCall], ids: Sequence[str]) -> list[dict[str, Any]]:
    """The tool calls of a whole completion."""
    return [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, (name, arguments) in zip(ids, calls, strict=True)
    ]


def tool_call_deltas(calls: Sequence[ToolCall], ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The same in a stream: services send the name first, and then the arguments in pieces."""
    for index, call in enumerate(tool_calls(calls, ids)):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}
        middle = len(arguments) // 2
        for piece in (arguments[:middle], arguments[middle:]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def embeddings(request: SentRequest, vectors: Iterable[Sequence[float]]) -> dict[str, Any]:
    """The result for vectors, in the encoding that the request asks for."""
    encoded: Iterable[Any] = map(list, vectors)
    if request.keywords.get("encoding_format") == "base64":
        encoded = (b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in encoded)
    data = [{"index": index, "object": "embedding", "embedding": vector} for index, vector in enumerate(encoded)]
    tokens = _words(request.input)
    head = _head(request, "list")
    del head["created"]
    return {**head, "data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def made_vector(value: Any, dimensions: int) -> list[float]:
    """A vector of numbers from -1 to 1 for a text or an image: equal ones for equal inputs."""
    data = hashlib.shake_256(json.dumps(value).encode()).digest(4 * dimensions)
    return [(number % (2 * _SCALE) - _SCALE) / _SCALE for (number,) in struct.iter_unpack("<I", data)]


def error(status: int, code: str | None, message: str | None) -> dict[str, Any]:
    """The body of an error. The default code is in the style of services, for example ``too_many_requests``."""
    words = phrase(status) or "Unknown Error"
    return {"error": {"code": code or words.lower().replace(" ", "_").replace("-", "_"), "message": message or words}}


def phrase(status: int) -> str:
    """The words for a status, for example ``Too Many Requests``; empty if there are none."""
    return HTTPStatus(status).phrase if status in list(HTTPStatus) else ""


def content_filter_error(category: str) -> dict[str, Any]:
    """The body of the error for messages that the content filter refuses."""
    results = {name: {"filtered": False, "severity": "safe"} for name in _CATEGORIES}
    results[category] = {"filtered": True, "severity": "high"}
    return {
        "error": {
            "code": "content_filter",
            "message": "The messages were refused by the content filter.",
            "param": "messages",
            "type": None,
            "status": 400,
            "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": results},
        }
    }
