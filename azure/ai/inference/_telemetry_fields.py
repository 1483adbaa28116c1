"""What a call is in the terms of today's semantic conventions: pure functions from bodies to fields, without I/O.

Fields are attributes of the invocation objects of opentelemetry-util-genai, which turns them into attributes of spans
and metrics. Attributes that it has no field for have the names of the conventions. Messages have the form that the
conventions give them in JSON, but bytes for base64.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_OPENAI = ("openai", "azure.ai.openai")
_AZURE_NAMESPACE = "Microsoft.CognitiveServices"
_OUTPUT_TYPES = {"text": "text", "json_object": "json", "json_schema": "json"}
_FINISH_REASONS = {"tool_calls": "tool_call", "function_call": "tool_call"}
"""Where the conventions name the finish reason of a message in another way than the API."""


class Fields(NamedTuple):
    """What is known of one side of a call."""

    fields: dict[str, Any]
    """Values of fields of the invocation."""
    attributes: dict[str, Any]
    """Values of attributes that the invocation has no field for."""


class Content(NamedTuple):
    """What is said in a request."""

    system_instruction: list[dict[str, Any]]
    """The parts of the system and developer messages that come first."""
    input_messages: list[dict[str, Any]]
    """All other messages."""
    tool_definitions: list[dict[str, Any]]


def chat_request(body: Mapping[str, Any], provider: str) -> Fields:
    """Return the fields of a request for a chat completion."""
    format_ = _mapping(body.get("response_format"))
    speaks = "audio" in _list(body.get("modalities"))
    stop, count = body.get("stop"), body.get("n")
    limit = body.get("max_completion_tokens")
    fields = {
        "max_tokens": body.get("max_tokens") if limit is None else limit,
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "top_k": body.get("top_k"),
        "frequency_penalty": body.get("frequency_penalty"),
        "presence_penalty": body.get("presence_penalty"),
        "seed": body.get("seed"),
        "stop_sequences": [stop] if isinstance(stop, str) else stop,
        "request_choice_count": None if count == 1 else count,  # as the conventions ask for
        "output_type": "speech" if speaks else _OUTPUT_TYPES.get(str(format_.get("type"))),
        "reasoning_level": body.get("reasoning_effort") or _mapping(body.get("reasoning")).get("effort"),
    }
    attributes = {
        **_namespace(provider),
        "gen_ai.request.stream": body.get("stream") or None,
        "openai.request.service_tier": body.get("service_tier") if provider in _OPENAI else None,
    }
    return Fields(_given(fields), _given(attributes))


def embeddings_request(body: Mapping[str, Any], provider: str) -> Fields:
    """Return the fields of a request for embeddings, of texts or of images."""
    encoding = body.get("encoding_format")
    fields = {
        "encoding_formats": None if encoding is None else [encoding],
        "dimension_count": body.get("dimensions"),
    }
    return Fields(_given(fields), _namespace(provider))


def chat_response(answer: Mapping[str, Any], provider: str) -> Fields:
    """Return the fields of a chat completion, which may be incomplete."""
    usage = _mapping(answer.get("usage"))
    of_input, of_output = (_mapping(usage.get(f"{side}_tokens_details")) for side in ("prompt", "completion"))
    reasons = [
        str(choice["finish_reason"]) for choice in _objects(answer.get("choices")) if choice.get("finish_reason")
    ]
    fields = {
        "response_id": answer.get("id"),
        "response_model_name": answer.get("model"),
        "finish_reasons": reasons or None,
        "input_tokens": usage.get("prompt_tokens"),
        "output_tokens": usage.get("completion_tokens"),
        "cache_read_input_tokens": of_input.get("cached_tokens"),
        "audio_input_tokens": of_input.get("audio_tokens"),
        "thinking_tokens": of_output.get("reasoning_tokens"),
        "audio_output_tokens": of_output.get("audio_tokens"),
    }
    attributes = {f"openai.response.{name}": answer.get(name) for name in ("service_tier", "system_fingerprint")}
    return Fields(_given(fields), _given(attributes) if provider in _OPENAI else {})


def embeddings_response(answer: Mapping[str, Any]) -> Fields:
    """Return the fields of embeddings."""
    vector = next((item.get("embedding") for item in _objects(answer.get("data"))), None)
    fields = {
        "response_model_name": answer.get("model"),
        "input_tokens": _mapping(answer.get("usage")).get("prompt_tokens"),
        "dimension_count": len(vector) if isinstance(vector, list) else None,
    }
    return Fields(_given(fields), {})


def request_content(body: Mapping[str, Any]) -> Content:
    """Return what is said in a request for a chat completion."""
    content = Content([], [], [])
    for message in _objects(body.get("messages")):
        role, parts = str(message.get("role")), list(_message_parts(message))
        if role in ("system", "developer") and not content.input_messages:
            content.system_instruction.extend(parts)
        else:
            content.input_messages.append({"role": role, "parts": parts, **_given({"name": message.get("name")})})
    for tool in _objects(body.get("tools")):
        if function := _mapping(tool.get("function")):
            content.tool_definitions.append({key: function.get(key) for key in ("name", "description", "parameters")})
    return content


def response_content(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is said in a chat completion: a message for each choice."""
    messages = []
    for choice in _objects(answer.get("choices")):
        message, reason = _mapping(choice.get("message")), choice.get("finish_reason")
        messages.append(
            {
                "role": str(message.get("role") or "assistant"),
                "parts": list(_message_parts(message)),
                "finish_reason": None if reason is None else _FINISH_REASONS.get(str(reason), str(reason)),
            }
        )
    return messages


def _message_parts(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    content = message.get("content")
    if message.get("role") == "tool":
        yield {"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content}
        return
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(reasoning, str):
        yield {"type": "reasoning", "content": reasoning}
    for text in (content, message.get("refusal")):
        if isinstance(text, str):
            yield {"type": "text", "content": text}
    for item in _objects(content):
        yield from _content_part(item)
    for call in _objects(message.get("tool_calls")):
        function = _mapping(call.get("function"))
        arguments = _parsed(function.get("arguments"))
        yield {"type": "tool_call", "id": call.get("id"), "name": str(function.get("name")), "arguments": arguments}


def _content_part(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the part that an item of a message is; none for what the conventions have no type for."""
    kind = item.get("type")
    value = item.get(str(kind))
    if kind == "text":
        yield {"type": "text", "content": str(value)}
    elif kind in ("image_url", "audio_url"):
        yield from _media(str(_mapping(value).get("url")), str(kind).removesuffix("_url"))
    elif kind == "input_audio":
        audio = _mapping(value)
        yield from _blob(str(audio.get("data")), f"audio/{audio.get('format')}", "audio")


def _media(url: str, modality: str) -> Iterator[dict[str, Any]]:
    head, _, data = url.partition(",")
    if head.startswith("data:") and head.endswith(";base64"):
        yield from _blob(data, head.removeprefix("data:").partition(";")[0] or None, modality)
    else:
        yield {"type": "uri", "modality": modality, "mime_type": None, "uri": url}


def _blob(data: str, mime_type: str | None, modality: str) -> Iterator[dict[str, Any]]:
    try:
        content = b64decode(data)
    except ValueError:
        return
    yield {"type": "blob", "modality": modality, "mime_type": mime_type, "content": content}


def _namespace(provider: str) -> dict[str, Any]:
    return {"azure.resource_provider.namespace": _AZURE_NAMESPACE} if provider.startswith("azure.") else {}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _parsed(arguments: Any) -> Any:
    """Return the arguments of a tool call as an object; as they are if they are not JSON."""
    try:
        return json.loads(arguments)
    except (TypeError, ValueError):
        return arguments


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    """Return the objects of an array; none if it is not one."""
    return [item for item in _list(value) if isinstance(item, Mapping)]
