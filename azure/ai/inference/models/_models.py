"""The objects that travel, each once: annotation and meaning of every field.

Annotations are evaluated as they stand, so a class is defined before the classes that hold it.
"""

import json
from datetime import datetime
from typing import Any, Literal

from .._model_base import Model, rest_discriminator, rest_field
from ._enums import AudioContentFormat, ChatRole, CompletionsFinishReason, ImageDetailLevel


class ImageUrl(Model):
    """An image, as an address that the service can read or as a data URL that holds it."""

    url: str = rest_field()
    """The URL of the image: http(s), or ``data:image/{format};base64,{data}``."""
    detail: str | ImageDetailLevel | None = rest_field()
    """How closely the model looks at the image. The service assumes "auto"."""


class InputAudio(Model):
    """Audio data."""

    data: str = rest_field()
    """The audio file in base64."""
    format: str | AudioContentFormat = rest_field()
    """The encoding of the file."""


class ContentItem(Model):
    """One part of the content of a message. The kinds are its subclasses."""

    type: str = rest_discriminator()
    """The kind of the part."""


class TextContentItem(ContentItem, discriminator="text"):
    """A part that is text."""

    text: str = rest_field()
    """The text."""


class ImageContentItem(ContentItem, discriminator="image_url"):
    """A part that is an image."""

    image_url: ImageUrl = rest_field()
    """The image."""


class AudioContentItem(ContentItem, discriminator="input_audio"):
    """A part that is audio data."""

    input_audio: InputAudio = rest_field()
    """The audio."""


class FunctionCall(Model):
    """The call of a function that the model asks for."""

    name: str = rest_field()
    """The name of the function."""
    arguments: str = rest_field()
    """The arguments as JSON text. The model wrote it: it may be invalid or name parameters that do not exist."""


class ChatCompletionsToolCall(Model):
    """The call of a tool that the model asks for."""

    id: str = rest_field()
    """The name of this call, which the message with its result has to repeat."""
    type: Literal["function"] = rest_field(default="function")
    """The kind of the tool. Always "function"."""
    function: FunctionCall = rest_field()
    """The function and its arguments."""


class FunctionDefinition(Model):
    """A function that the model may call."""

    name: str = rest_field()
    """The name of the function: up to 64 letters, digits, underscores and dashes."""
    description: str | None = rest_field()
    """What the function does; the model decides by it when and how to call the function."""
    parameters: Any = rest_field()
    """The parameters as a JSON Schema object. None: the function has none."""


class ChatCompletionsToolDefinition(Model):
    """A tool that the model may call."""

    type: Literal["function"] = rest_field(default="function")
    """The kind of the tool. Always "function"."""
    function: FunctionDefinition = rest_field()
    """The function."""


class ChatCompletionsNamedToolChoiceFunction(Model):
    """The name of a function that the model has to call."""

    name: str = rest_field()
    """The name of the function."""


class ChatCompletionsNamedToolChoice(Model):
    """A tool choice that makes the model call one certain tool."""

    type: Literal["function"] = rest_field(default="function")
    """The kind of the tool. Always "function"."""
    function: ChatCompletionsNamedToolChoiceFunction = rest_field()
    """The function."""


class JsonSchemaFormat(Model):
    """A response format: JSON that fits a schema."""

    name: str = rest_field()
    """The name of the format: up to 64 letters, digits, underscores and dashes."""
    schema: dict[str, Any] = rest_field()
    """The JSON Schema object."""
    description: str | None = rest_field()
    """What the format is for; the model decides by it how to answer in the format."""
    strict: bool | None = rest_field()
    """Whether the model has to follow the schema exactly; services then support a subset of JSON Schema."""


class ChatRequestMessage(Model):
    """A message of a request. The roles are its subclasses."""

    role: str = rest_discriminator()
    """Who the message is from."""


class ChatRequestSystemMessage(ChatRequestMessage, discriminator="system"):
    """Tells the model how to behave, at the start of a conversation."""

    content: str = rest_field()
    """The text."""


class ChatRequestDeveloperMessage(ChatRequestMessage, discriminator="developer"):
    """Tells the model how to behave, for models that take their instructions under this role."""

    content: str = rest_field()
    """The text."""


class ChatRequestUserMessage(ChatRequestMessage, discriminator="user"):
    """What the user says to the model."""

    content: str | list[ContentItem] = rest_field()
    """The text, or parts that are text, images or audio."""


class ChatRequestAssistantMessage(ChatRequestMessage, discriminator="assistant"):
    """What the model said before."""

    content: str | None = rest_field()
    """The text. None: the message is nothing but tool calls."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model asked for; each has to be followed by a message with its result."""


class ChatRequestToolMessage(ChatRequestMessage, discriminator="tool"):
    """What a tool returned."""

    content: str | None = rest_field()
    """The text."""
    tool_call_id: str = rest_field()
    """The `id` of the tool call that this is the result of."""


class ChatResponseMessage(Model):
    """What the model answers."""

    role: str | ChatRole = rest_field()
    """Who the message is from: the assistant."""
    content: str = rest_field()
    """The text. None: the message is nothing but tool calls."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model asks for."""


class CompletionsUsage(Model):
    """How many tokens a request took."""

    completion_tokens: int = rest_field()
    """Tokens of the answer."""
    prompt_tokens: int = rest_field()
    """Tokens of the messages sent."""
    total_tokens: int = rest_field()
    """Tokens of both."""


class ChatChoice(Model):
    """One answer to a request."""

    index: int = rest_field()
    """The number of this answer among the answers to the request, from 0."""
    finish_reason: str | CompletionsFinishReason = rest_field()
    """Why the model stopped."""
    message: ChatResponseMessage = rest_field()
    """The answer."""


class ChatCompletions(Model):
    """The answers to a request. `str` gives indented JSON."""

    id: str = rest_field()
    """The name that the service gave to the response."""
    created: datetime = rest_field(format="unix-timestamp")
    """When the service began to answer, in UTC. By key, the seconds since 1970-01-01."""
    model: str = rest_field()
    """The model that answered."""
    choices: list[ChatChoice] = rest_field()
    """The answers: one, unless the request asked for more."""
    usage: CompletionsUsage = rest_field()
    """How many tokens the request took."""

    def __str__(self) -> str:
        return json.dumps(self, indent=2)


class StreamingChatResponseToolCallUpdate(Model):
    """A piece of a tool call. The first piece of a call holds its `id` and the name of the function."""

    id: str = rest_field()
    """The name of the call; absent or empty in the pieces after the first."""
    function: FunctionCall = rest_field()
    """The name of the function, and the next piece of the arguments."""


class StreamingChatResponseMessageUpdate(Model):
    """The next piece of an answer."""

    role: str | ChatRole | None = rest_field()
    """Who the message is from, in the first piece."""
    content: str | None = rest_field()
    """The next piece of the text."""
    tool_calls: list[StreamingChatResponseToolCallUpdate] | None = rest_field()
    """The next pieces of the tool calls."""


class StreamingChatChoiceUpdate(Model):
    """What is new in one answer."""

    index: int = rest_field()
    """The number of the answer among the answers to the request, from 0."""
    finish_reason: str | CompletionsFinishReason = rest_field()
    """Why the model stopped, in the last piece of the answer; None before."""
    delta: StreamingChatResponseMessageUpdate = rest_field(default=dict)
    """The next piece; without content where the service sends none."""


class StreamingChatCompletionsUpdate(Model):
    """One event of a stream."""

    id: str = rest_field()
    """The name that the service gave to the response, the same in every event."""
    created: datetime = rest_field(format="unix-timestamp")
    """When the service began to answer, in UTC. By key, the seconds since 1970-01-01."""
    model: str = rest_field()
    """The model that answers."""
    choices: list[StreamingChatChoiceUpdate] = rest_field(default=list)
    """What is new, per answer. Empty in an event that holds nothing but `usage`."""
    usage: CompletionsUsage | None = rest_field()
    """How many tokens the request took, in the last event of services that say so."""
