"""The half of the clients that does not await: what a call sends, what its answer holds, and the documentation.

Every public method is documented here, once; the clients of both worlds inherit it.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Literal, NamedTuple, TypeAlias

from ._configuration import Configuration
from ._errors import Response, decode_error
from ._model_base import SdkJSONEncoder
from .models import (
    ChatCompletionsNamedToolChoice,
    ChatCompletionsToolChoicePreset,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    JsonSchemaFormat,
)

Body: TypeAlias = Mapping[str, Any] | IO[bytes] | bytes
Messages: TypeAlias = Sequence[ChatRequestMessage | Mapping[str, Any]]
ResponseFormat: TypeAlias = Literal["text", "json_object"] | JsonSchemaFormat
Tools: TypeAlias = Sequence[ChatCompletionsToolDefinition | Mapping[str, Any]]
ToolChoice: TypeAlias = str | ChatCompletionsToolChoicePreset | ChatCompletionsNamedToolChoice | Mapping[str, Any]

_CHAT_KEYS = (
    "messages",
    "stream",
    "frequency_penalty",
    "max_tokens",
    "model",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
)
"""The keys of a request in the order in which they travel; the first is the one that no request can do without."""

_encode = SdkJSONEncoder().encode


class Call(NamedTuple):
    """One call of a client, ready to be sent."""

    content: bytes
    """The body of the request."""
    stream: bool
    """Whether the body asks for a stream."""
    headers: dict[str, str]
    """Headers of the call; those of the user win over ours."""
    params: dict[str, Any]
    """Query parameters from the user."""
    options: dict[str, Any]
    """What is left of the keywords: settings of the pipeline."""


class ClientBase(ABC):
    """What all clients share."""

    _config: Configuration
    _defaults: Mapping[str, Any]
    _default_extras: Mapping[str, Any]

    def _set_defaults(self, arguments: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Keep the arguments of a constructor that calls fall back on."""
        self._defaults = _settings(arguments, keys)
        self._default_extras = dict(arguments["model_extras"] or {})

    def _prepare(self, arguments: Mapping[str, Any], keys: Sequence[str]) -> Call:
        """Merge the arguments of a call, as `locals()` has them at its start, with the defaults of the client."""
        options = dict(arguments["kwargs"])
        given = _settings(arguments, keys)
        extras = arguments["model_extras"]
        if arguments["body"] is None:
            if keys[0] not in given:
                raise TypeError(f"missing required argument: {keys[0]}")
            extras = extras or self._default_extras
            defaults = self._defaults
            merged = {key: value for key in keys if (value := given.get(key, defaults.get(key))) is not None}
            content, stream = encode({**merged, **extras}), bool(merged.get("stream"))
        else:
            content, stream = read_body(arguments["body"], {**given, **(extras or {})})
        headers = {"Accept": "application/json", "Content-Type": options.pop("content_type", "application/json")}
        if extras:
            headers["extra-parameters"] = "pass-through"
        headers.update(options.pop("headers", None) or {})
        return Call(content, stream, headers, dict(options.pop("params", None) or {}), options)

    @abstractmethod
    def close(self) -> Any:
        """Close the connections of the client. Closing twice is fine."""

    @abstractmethod
    def send_request(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
        """Send a request of your own through the pipeline of the client: authenticated, retried, logged and traced.

        :param request: An ~azure.core.rest.HttpRequest; a relative URL is resolved against the endpoint.
        :keyword stream: Whether the body of the response is left to be read by the caller. Default: False.
        :return: The response, whatever its status.
        :raises ~azure.core.exceptions.AzureError: No response came.
        """


class ChatCompletionsClientBase(ClientBase):
    """Chat with a model.

    Every keyword that shapes the answer may be given here as the default of each call, :meth:`complete` describes them;
    all other keywords are settings of the pipeline of azure-core, such as `retry_total`, `connection_timeout`,
    `headers`, `user_agent`, `logging_enable` or `transport`.

    :param endpoint: The URL of the endpoint, without the route.
    :param credential: An ~azure.core.credentials.AzureKeyCredential, or a token credential of azure-identity.
    :keyword api_version: The version of the API, sent with each request. None sends none. Default: what the kind of the
     endpoint needs.
    :keyword credential_scopes: The scopes of Entra ID tokens. Default: what the kind of the endpoint needs.
    :raises ValueError: `endpoint` or `credential` is None, `endpoint` is no http(s) URL, or a default cannot be sent.
    :raises TypeError: `endpoint` or `credential` is of another type.
    """

    @abstractmethod
    def complete(self, *args: Any, **kwargs: Any) -> Any:
        """Answer a conversation.

        What is not given falls back on the defaults of the client, and is not sent where there is none: then the
        default of the service counts. A `body` is sent as it is, without the defaults of the client; keywords given
        beside it are added to it and win.

        :param body: The whole request, instead of keywords: a mapping, or JSON as bytes or as a binary file.
        :keyword messages: The conversation so far, as message objects or mappings. Required unless there is a `body`.
        :keyword stream: Whether to return the answer piece by piece while it is generated. Default: False.
        :keyword frequency_penalty: How strongly to avoid words by how often they came up already, -2 to 2.
        :keyword presence_penalty: How strongly to avoid words that came up already at all, -2 to 2.
        :keyword temperature: How freely to pick each word, from 0 (always the likeliest) to 1; some models take 2.
        :keyword top_p: Pick among the likeliest words that together have this share of the probability, 0 to 1.
         Change this or `temperature`, not both.
        :keyword max_tokens: How many tokens the answer may have at most.
        :keyword response_format: "text", "json_object" (the messages, too, have to ask for JSON), or a
         ~azure.ai.inference.models.JsonSchemaFormat.
        :keyword stop: Texts before which the answer ends.
        :keyword tools: The tools that the model may call.
        :keyword tool_choice: Whether the model calls tools: a
         ~azure.ai.inference.models.ChatCompletionsToolChoicePreset, its string, or a
         ~azure.ai.inference.models.ChatCompletionsNamedToolChoice. The service assumes "auto" when there are tools.
        :keyword seed: With the same seed and the same request, the service tries to give the same answer.
        :keyword model: The name of the model, where the endpoint serves several.
        :keyword model_extras: Further keys of the body that the model understands. With them, the header
         `extra-parameters: pass-through` asks the service to hand them on.
        :return: The answer; with `stream=True`, or a `body` that says so, an iterable of updates.
        :rtype: ~azure.ai.inference.models.ChatCompletions or ~azure.ai.inference.models.StreamingChatCompletions
        :raises TypeError: `messages` is missing, or an argument cannot be sent as JSON.
        :raises ValueError: `response_format` is of an unknown kind.
        :raises ~azure.core.exceptions.HttpResponseError: The service refused the request; ClientAuthenticationError
         for status 401, ResourceNotFoundError for 404, DecodeError where the answer is not what the API sends.
        :raises ~azure.core.exceptions.ServiceRequestError: The service could not be reached.
        :raises ~azure.core.exceptions.ServiceResponseError: The connection broke, or no answer came in time.
        """

    def _prepare_complete(self, arguments: Mapping[str, Any]) -> Call:
        return self._prepare(arguments, _CHAT_KEYS)

    def _set_chat_defaults(self, arguments: Mapping[str, Any]) -> None:
        self._set_defaults(arguments, _CHAT_KEYS[2:])


def _settings(arguments: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """The arguments that were given, by key of the body."""
    settings = {key: value for key in keys if (value := arguments[key]) is not None}
    if "messages" in settings:
        settings["messages"] = _listed("messages", settings["messages"])
    if "response_format" in settings:
        settings["response_format"] = response_format(settings["response_format"])
    return settings


def _listed(name: str, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"`{name}` must be a sequence of {name}, not {type(value).__name__}.")
    return list(value)


def response_format(value: Any) -> Mapping[str, Any]:
    """The wire form of what `response_format` takes."""
    if isinstance(value, JsonSchemaFormat):
        return {"type": "json_schema", "json_schema": value}
    if value in ("text", "json_object"):
        return {"type": value}
    raise ValueError(f"Unsupported `response_format` {value!r}: give 'text', 'json_object' or a JsonSchemaFormat.")


def encode(body: Mapping[str, Any]) -> bytes:
    """The JSON of a request."""
    try:
        return _encode(body).encode()
    except TypeError as error:
        raise TypeError(f"`{_unencodable(body)}` cannot be sent as JSON: {error}") from error


def _unencodable(body: Mapping[str, Any]) -> str:
    for key, value in body.items():
        try:
            _encode(value)
        except TypeError:
            return key
    return "body"


def read_body(body: Body, additions: Mapping[str, Any]) -> tuple[bytes, bool]:
    """The JSON of a request that the caller built, with keys added to it, and whether it asks for a stream."""
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
        return read_body(parsed, additions) if additions else (content, bool(parsed.get("stream")))
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


def parse_object(response: Response) -> dict[str, Any]:
    """The JSON object in the body of a response that has been read.

    :raises ~azure.core.exceptions.DecodeError: There is none.
    """
    content = response.content
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise decode_error(response, content.decode(errors="replace")) from error
    if not isinstance(body, dict):
        raise decode_error(response, content.decode())
    return body
