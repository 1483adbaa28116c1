"""Request and response bodies: arguments to JSON, JSON to a dict."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import IO, Any, Literal, TypeAlias, TypeVar, Union, get_origin

from ._errors import Response, body_error, decode_error
from ._json import decoder
from ._lazy_models import models
from ._model_base import Answer, SdkJSONEncoder

Body: TypeAlias = Mapping[str, Any] | IO[bytes] | bytes
ResponseFormat: TypeAlias = Union[
    "models.JsonSchemaFormat", Literal["text", "json_object"], Mapping[str, Any], type[Any]
]

_encode = SdkJSONEncoder().encode
_Answer = TypeVar("_Answer", bound=Answer)


def given_items(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are not None, in the form in which they are sent."""
    given = {key: value for key, value in arguments.items() if value is not None}
    for key in given.keys() & _CONVERSIONS.keys():
        given[key] = _CONVERSIONS[key](given[key])
    return given


def _messages(value: Any) -> list[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"`messages` must be a sequence of messages, not {type(value).__name__}.")
    return value if isinstance(value, list) else list(value)


def _input(value: Any) -> Any:
    if isinstance(value, (list, str)):  # services accept a single text, too, though the specification does not
        return value
    if isinstance(value, (bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"`input` must be a sequence of inputs, not {type(value).__name__}.")
    return list(value)


def response_format(value: Any) -> Mapping[str, Any]:
    """The wire form of a `response_format` argument."""
    if isinstance(value, models.JsonSchemaFormat):
        return {"type": "json_schema", "json_schema": value}
    if isinstance(value, type) or get_origin(value) is not None:
        return {"type": "json_schema", "json_schema": _type_format(value)}
    if isinstance(value, Mapping):
        format_type = value.get("type")
        if isinstance(format_type, Mapping):  # older documents have {"type": ChatCompletionsResponseFormatText()}
            return response_format(format_type)
        if isinstance(format_type, str):
            return value
    if value in ("text", "json_object"):
        return {"type": value}
    raise ValueError(
        f"Unsupported `response_format` {value!r}: give 'text', 'json_object', a JsonSchemaFormat, a pydantic model, a "
        "dataclass, a TypedDict, or a mapping with a 'type'."
    )


def _type_format(value: Any) -> Mapping[str, Any]:
    if hasattr(value, "model_json_schema") and not hasattr(value, "__pydantic_core_schema__"):  # it has its own way
        from ._structured import wire_name

        return {"name": wire_name(value), "schema": value.model_json_schema()}
    return models.JsonSchemaFormat.from_type(value)


def _tools(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and any(map(callable, value)):
        make = models.ChatCompletionsToolDefinition.from_function
        return [make(tool) if callable(tool) else tool for tool in value]
    return value


_CONVERSIONS = {"messages": _messages, "input": _input, "response_format": response_format, "tools": _tools}


def encode(body: Mapping[str, Any]) -> str:
    """The JSON of a request body."""
    try:
        return _encode(body)
    except TypeError as error:
        raise TypeError(f"`{_unencodable(body)}` is not JSON-serializable: {error}") from error


def _unencodable(body: Mapping[str, Any]) -> str:
    for key, value in body.items():
        try:
            _encode(value)
        except TypeError:
            return key
    return "body"


def merge_body(body: Body, additions: Mapping[str, Any]) -> tuple[str | bytes, bool]:
    """The JSON of a body that the caller built, with keys merged into it, and whether it asks for a stream."""
    if isinstance(body, Mapping):
        merged = {**body, **additions}
        return encode(merged), bool(merged.get("stream"))
    content = body if isinstance(body, bytes) else _read_file(body)
    if not additions and b'"stream"' not in content:
        return content, False
    try:
        parsed = json.loads(content)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        return merge_body(parsed, additions) if additions else (content, bool(parsed.get("stream")))
    if additions:
        raise ValueError("`body` must hold a JSON object when keywords are given beside it.")
    return content, False


def _read_file(body: Any) -> bytes:
    content = body.read() if hasattr(body, "read") else body
    if isinstance(content, (bytearray, memoryview)):
        return bytes(content)
    if not isinstance(content, bytes):
        raise TypeError(f"`body` must be a mapping, bytes or a binary file, not {type(body).__name__}.")
    return content


def read_answer(model_class: type[_Answer], response: Response) -> _Answer:
    """The answer in the body of a response that has been read, with the headers of the response.

    :raises azure.core.exceptions.IncompleteReadError: The body is an error object, although the status is a success.
    :raises azure.core.exceptions.DecodeError: The body is not a valid response of this API.
    """
    content = getattr(response, "content", None)
    # A response that a program made for its tests may have nothing but `json`, which 1.0.0b9 called.
    body = _parse_object(response, content) if isinstance(content, bytes) else response.json()
    if body.get("error") or body.keys().isdisjoint(model_class._fields):
        if body:
            raise body_error(response, body)
        raise decode_error(response, "{}")
    answer = model_class._from_wire(body)
    vars(answer)["_response_headers"] = getattr(response, "headers", {})
    return answer


def _parse_object(response: Response, content: bytes) -> dict[str, Any]:
    try:
        body = decoder()(content.removeprefix(BOM_UTF8))
    except ValueError as error:
        raise decode_error(response, content.decode(errors="replace"), error) from error
    if not isinstance(body, dict):
        raise decode_error(response, content.decode())
    return body
