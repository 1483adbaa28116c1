"""The types of the wire, each once: the annotation and the description of every field.

Annotations are evaluated when a class is made, so a class is defined before the classes that hold it. The docstring of
a field is what editors, Sphinx and `help` show of it.
"""

import json
from array import array
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Literal

from typing_extensions import Self

from .._model_base import Answer, Model, SdkJSONEncoder, document_fields, rest_discriminator, rest_field
from ._base64 import File, data_url, decode_floats, read_base64
from ._conversions import ParsedCompletion, ParsedMessage, TypedFormat
from ._enums import AudioContentFormat, ChatRole, CompletionsFinishReason, ImageDetailLevel, ModelType


def _indented(result: Model) -> str:
    return json.dumps(result, indent=2, cls=SdkJSONEncoder)


class ImageUrl(Model):
    """The URL of an image that the service downloads, or a data URL that holds the image."""

    url: str = rest_field()
    """The URL of the image: http(s), or ``data:image/{format};base64,{data}``."""
    detail: str | ImageDetailLevel | None = rest_field()
    """The resolution at which the model processes the image. The service assumes "auto"."""

    @classmethod
    def load(cls, *, image_file: File, image_format: str, detail: str | ImageDetailLevel | None = None) -> Self:
        """Read a file into a data URL.

        :keyword image_file: The path of the file, its content as bytes, or a file that is open in binary mode, which is
         read from where it is and stays open.
        :keyword image_format: The format of the image, as in its media type: "png", "jpeg".
        :keyword detail: The resolution at which the model processes the image. Default: not sent.
        :raises FileNotFoundError: The file does not exist.
        :raises TypeError: The argument is neither a path nor bytes nor a binary file.
        """
        return cls(url=data_url(image_file, image_format), detail=detail)


class AudioUrl(Model):
    """The URL of audio that the service downloads, or a data URL that holds the audio."""

    url: str = rest_field()
    """The URL of the audio: http(s), or ``data:audio/{format};base64,{data}``."""


class InputAudio(Model):
    """Audio data."""

    data: str = rest_field()
    """The audio file in base64."""
    format: str | AudioContentFormat = rest_field()
    """The encoding of the file."""

    @classmethod
    def load(cls, *, audio_file: File, audio_format: str | AudioContentFormat) -> Self:
        """Read a file.

        :keyword audio_file: The path of the file, its content as bytes, or a file that is open in binary mode, which is
         read from where it is and stays open.
        :keyword audio_format: The encoding of the file.
        :raises FileNotFoundError: The file does not exist.
        :raises TypeError: The argument is neither a path nor bytes nor a binary file.
        """
        return cls(data=read_base64(audio_file, "audio_file"), format=audio_format)


class ContentItem(Model):
    """One part of the content of a message. Its subclasses are the types of parts."""

    type: str = rest_discriminator()
    """The type of the part."""


class TextContentItem(ContentItem, discriminator="text"):
    """Text as a part of the content of a message."""

    text: str = rest_field()
    """The text."""


class ImageContentItem(ContentItem, discriminator="image_url"):
    """An image as a part of the content of a message."""

    image_url: ImageUrl = rest_field()
    """The image."""
    image: ImageUrl = rest_field(name="image_url")
    """Another name for `image_url`."""


class AudioContentItem(ContentItem, discriminator="input_audio"):
    """Audio data as a part of the content of a message."""

    input_audio: InputAudio = rest_field()
    """The audio."""


class AudioUrlContentItem(ContentItem, discriminator="audio_url"):
    """The URL of audio as a part of the content of a message."""

    audio_url: AudioUrl = rest_field()
    """The audio."""


class _Tool(Model):
    """The `type` that says that a tool is a function."""

    type: Literal["function"] = rest_field(default="function")
    """The type of the tool: "function"."""

    # 1.0.0b9 corrects a type that is absent, null or another one, in answers and in what a program gives, until it is
    # set as an attribute or by key. Services refuse a tool call without it, and some leave it out of their answers.

    @classmethod
    def _from_wire(cls, data: Mapping[str, Any]) -> Self:
        tool = super()._from_wire(data)
        tool["type"] = "function"
        return tool

    def _take_keywords(self, kwargs: dict[str, Any]) -> None:
        super()._take_keywords({name: value for name, value in kwargs.items() if name != "type"})


class FunctionCall(Model):
    """The function call in a tool call."""

    name: str = rest_field()
    """The name of the function."""
    arguments: str = rest_field()
    """The arguments as JSON text. The model generates it: it may be invalid, or name parameters that do not exist."""


class ChatCompletionsToolCall(_Tool):
    """A tool call that the model requests."""

    id: str = rest_field()
    """The id of the call, which the ToolMessage with its result must repeat."""
    function: FunctionCall = rest_field()
    """The function and its arguments."""


class FunctionDefinition(Model):
    """A function that the model may call."""

    name: str = rest_field()
    """The name of the function: up to 64 letters, digits, underscores and dashes."""
    description: str | None = rest_field()
    """What the function does. The model uses it to decide when and how to call the function."""
    parameters: Any = rest_field(type=deepcopy)
    """The parameters as a JSON Schema object, of which a copy is kept. None if the function has no parameters."""
    strict: bool | None = rest_field()
    """Whether the model must follow the schema exactly. Services then support a subset of JSON Schema."""


class ChatCompletionsToolDefinition(_Tool):
    """A tool that the model may call."""

    function: FunctionDefinition = rest_field()
    """The function."""

    @classmethod
    def from_function(
        cls,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
    ) -> Self:
        """Make the definition of a function, of its signature, its annotations and its docstring.

        Needs the extra `structured`. Parameters are described by `Annotated[str, "description"]`, or by the docstring
        in the style of Google, NumPy or Sphinx. The definition remembers its function for `run_tools`; a copy and a
        pickle of it do not.

        :param function: A function, sync or async, a method, an object with `__call__`, or a functools.partial, whose
         keywords the model does not see.
        :keyword name: The name of the tool. Default: the name of the function.
        :keyword description: What the function does. Default: its docstring, without the parameters.
        :keyword strict: Whether the model must follow the schema of the parameters exactly. All of them are required
         then. Default: not sent.
        :raises TypeError: The function cannot be described. The message names the parameter.
        :raises ImportError: pydantic is not installed.
        """
        from .._tools import Tool

        tool = Tool(function, name=name, description=description, strict=strict)
        definition = cls({"type": "function", "function": tool.definition})
        vars(definition)["_tool"] = tool
        return definition

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle or a copy holds beside the JSON: not the function, which may not be picklable."""
        return {name: value for name, value in vars(self).items() if name != "_tool"}


class ChatCompletionsNamedToolChoiceFunction(Model):
    """The name of the function that the model must call."""

    name: str = rest_field()
    """The name of the function."""


class ChatCompletionsNamedToolChoice(_Tool):
    """A tool choice that makes the model call one tool."""

    function: ChatCompletionsNamedToolChoiceFunction = rest_field()
    """The function."""


class JsonSchemaFormat(TypedFormat, Model):
    """A response format: JSON that conforms to a JSON Schema."""

    name: str = rest_field()
    """The name of the format: up to 64 letters, digits, underscores and dashes."""
    schema: dict[str, Any] = rest_field(type=deepcopy)
    """The JSON Schema object, of which a copy is kept."""
    description: str | None = rest_field()
    """What the format is for. The model uses it to decide how to respond in the format."""
    strict: bool | None = rest_field()
    """Whether the model must follow the schema exactly. Services then support a subset of JSON Schema."""


class ChatCompletionsResponseFormat(Model):
    """The format of a response, in the form of the wire. Its subclasses are the types of formats."""

    type: str = rest_discriminator()
    """The type of the format."""


class ChatCompletionsResponseFormatText(ChatCompletionsResponseFormat, discriminator="text"):
    """The response is text."""


class ChatCompletionsResponseFormatJsonObject(ChatCompletionsResponseFormat, discriminator="json_object"):
    """The response is a JSON object. The messages must ask for JSON, too."""


class ChatCompletionsResponseFormatJsonSchema(ChatCompletionsResponseFormat, discriminator="json_schema"):
    """The response is JSON that conforms to a JSON Schema."""

    json_schema: JsonSchemaFormat = rest_field()
    """The schema."""


class ChatRequestMessage(Model):
    """A message of a request. Its subclasses are the roles."""

    role: str = rest_discriminator()
    """The role of the author."""
    name: str | None = rest_field()
    """The name of the author, to tell several participants in one role apart."""


class ChatRequestAudioReference(Model):
    """A reference to audio that the model generated before."""

    id: str = rest_field()
    """The `id` of the audio in the earlier response."""


class ChatRequestSystemMessage(ChatRequestMessage, discriminator="system"):
    """Instructions for the model, at the start of a conversation."""

    content: str = rest_field(type=list[ContentItem])
    """The text, or text parts."""


class ChatRequestDeveloperMessage(ChatRequestMessage, discriminator="developer"):
    """Instructions for the model, for models that take them in this role."""

    content: str = rest_field(type=list[ContentItem])
    """The text, or text parts."""


class ChatRequestUserMessage(ChatRequestMessage, discriminator="user"):
    """A message of the user to the model."""

    content: str | list[ContentItem] = rest_field()
    """The text, or text, image and audio parts."""


class ChatRequestAssistantMessage(ChatRequestMessage, discriminator="assistant"):
    """An earlier response of the model."""

    content: str | None = rest_field(type=list[ContentItem])
    """The text, or text parts. None if the message holds tool calls only."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model requested. Each must be followed by a ToolMessage with its result."""
    audio: ChatRequestAudioReference | None = rest_field()
    """The audio that the model generated."""
    refusal: str | None = rest_field()
    """The refusal message of the model."""


class ChatRequestToolMessage(ChatRequestMessage, discriminator="tool"):
    """The result of a tool call."""

    content: str | None = rest_field(type=list[ContentItem])
    """The text, or text parts."""
    tool_call_id: str = rest_field()
    """The `id` of the tool call."""


class ChatCompletionsAudio(Model):
    """Audio that the model generated."""

    id: str = rest_field()
    """The id of the audio, to refer to it in a later request."""
    expires_at: datetime = rest_field(format="unix-timestamp")
    """When the audio expires on the service, in UTC. By key, the seconds since 1970-01-01."""
    data: str = rest_field()
    """The audio file in base64."""
    format: str | AudioContentFormat | None = rest_field()
    """The encoding of the file."""
    transcript: str = rest_field()
    """The transcript of the audio."""


class ChatResponseMessage(ParsedMessage, ChatRequestMessage):
    """The message that the model generated. It can be sent as it is, as a part of the next request."""

    _discriminator = None  # whatever the role, a message of an answer stays one

    role: str | ChatRole = rest_field()
    """The role of the author: "assistant"."""
    content: str = rest_field()
    """The text. None if the message holds tool calls only, although the annotation, as in 1.0.0b9, is `str`."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model requests."""
    reasoning_content: str | None = rest_field()
    """The reasoning before the response, from services that return it."""
    refusal: str | None = rest_field()
    """The refusal message of the model."""
    annotations: list[dict[str, Any]] | None = rest_field()
    """Annotations of the text, such as the sources of a web search."""
    audio: ChatCompletionsAudio | None = rest_field()
    """The response as audio, if the request asked for it."""


class CompletionsUsageDetails(Model):
    """A breakdown of the completion tokens."""

    audio_tokens: int | None = rest_field()
    """Audio tokens."""
    accepted_prediction_tokens: int | None = rest_field()
    """Tokens of the `prediction` that are in the completion."""
    rejected_prediction_tokens: int | None = rest_field()
    """Tokens of the `prediction` that are not in the completion, and are billed all the same."""
    reasoning_tokens: int | None = rest_field()
    """Reasoning tokens."""
    total_tokens: int | None = rest_field()
    """All completion tokens."""


class PromptUsageDetails(Model):
    """A breakdown of the prompt tokens."""

    audio_tokens: int | None = rest_field()
    """Audio tokens."""
    cached_tokens: int | None = rest_field()
    """Prompt tokens that came from the cache."""
    cache_write_tokens: int | None = rest_field()
    """Prompt tokens that were written to the cache."""


class CompletionsUsage(Model):
    """The token usage of a request."""

    completion_tokens: int = rest_field()
    """Tokens that the model generated."""
    prompt_tokens: int = rest_field()
    """Tokens of the messages that were sent."""
    total_tokens: int = rest_field()
    """The sum of both."""
    completion_tokens_details: CompletionsUsageDetails | None = rest_field()
    """A breakdown of the completion tokens."""
    prompt_tokens_details: PromptUsageDetails | None = rest_field()
    """A breakdown of the prompt tokens."""


class _Choice(Model):
    """The fields that a choice and an update of a choice share."""

    index: int = rest_field()
    """The index of the choice, from 0."""
    finish_reason: str | CompletionsFinishReason = rest_field()
    """Why generation stopped. None in every update of a choice but the last."""
    logprobs: dict[str, Any] | None = rest_field()
    """Log probabilities of the tokens, if the request asked for them."""
    content_filter_results: dict[str, Any] | None = rest_field()
    """The results of the content filter for the choice."""


class _Completion(Model):
    """The fields that a completion and an update of a stream share."""

    id: str = rest_field()
    """The id of the completion, the same in every update."""
    created: datetime = rest_field(format="unix-timestamp")
    """When the completion was created, in UTC. By key, the seconds since 1970-01-01."""
    model: str = rest_field()
    """The name of the model."""
    object: str | None = rest_field()
    """The type of the object: "chat.completion" or "chat.completion.chunk"."""
    service_tier: str | None = rest_field()
    """The service tier that processed the request."""
    system_fingerprint: str | None = rest_field()
    """Fingerprint of the backend configuration; when it changes, the same `seed` may give another answer."""
    prompt_filter_results: list[dict[str, Any]] | None = rest_field()
    """The results of the content filter for the messages."""


class ChatChoice(_Choice):
    """One choice of a completion."""

    message: ChatResponseMessage = rest_field()
    """The message that the model generated."""


class ChatCompletions(ParsedCompletion, _Completion, Answer):
    """A chat completion. `str` returns indented JSON."""

    choices: list[ChatChoice] = rest_field()
    """The choices: one, unless the request asked for more with `n`."""
    usage: CompletionsUsage = rest_field()
    """The token usage of the request."""

    def __str__(self) -> str:
        return _indented(self)


class StreamingChatResponseToolCallUpdate(Model):
    """A fragment of a tool call. The first fragment of a call holds its `id` and the name of the function."""

    id: str = rest_field()
    """The id of the call; absent or empty in the fragments after the first."""
    function: FunctionCall = rest_field()
    """The name of the function, and the next fragment of the arguments."""
    index: int = rest_field()
    """The index of the call in the message, from 0; the fragments of a call share it."""
    type: str | None = rest_field()
    """The type of the tool, in the first fragment."""


class StreamingChatResponseMessageUpdate(Model):
    """The next fragment of a message."""

    role: str | ChatRole | None = rest_field()
    """The role of the author, in the first fragment."""
    content: str | None = rest_field()
    """The next fragment of the text."""
    tool_calls: list[StreamingChatResponseToolCallUpdate] | None = rest_field()
    """The next fragments of the tool calls."""
    function_call: dict[str, Any] | None = rest_field()
    """A fragment of a function call, from services of the time before tool calls."""
    reasoning_content: str | None = rest_field()
    """The next fragment of the reasoning."""
    refusal: str | None = rest_field()
    """The next fragment of the refusal message."""


class StreamingChatChoiceUpdate(_Choice):
    """An update of one choice."""

    delta: StreamingChatResponseMessageUpdate = rest_field(default=dict)
    """The next fragment of the message; empty if the service sends none."""


class StreamingChatCompletionsUpdate(_Completion):
    """One update of a stream."""

    choices: list[StreamingChatChoiceUpdate] = rest_field(default=list)
    """The updates of the choices. Empty in an update that holds `usage` only."""
    usage: CompletionsUsage | None = rest_field()
    """The token usage of the request, in the last update, from services that send it."""


class ImageEmbeddingInput(Model):
    """An image to embed, with or without a text."""

    image: str = rest_field()
    """The image as a data URL: ``data:image/{format};base64,{data}``."""
    text: str | None = rest_field()
    """A text to embed together with the image, for models that support it."""

    @classmethod
    def load(cls, *, image_file: File, image_format: str, text: str | None = None) -> Self:
        """Read a file into a data URL.

        :keyword image_file: The path of the file, its content as bytes, or a file that is open in binary mode, which is
         read from where it is and stays open.
        :keyword image_format: The format of the image, as in its media type: "png", "jpeg".
        :keyword text: A text to embed together with the image. Default: none.
        :raises FileNotFoundError: The file does not exist.
        :raises TypeError: The argument is neither a path nor bytes nor a binary file.
        """
        return cls(image=data_url(image_file, image_format), text=text)


class EmbeddingItem(Model):
    """The embedding of one input."""

    embedding: str | list[float] = rest_field()
    """The vector as a list of numbers, or as base64 if the request asked for it."""
    index: int = rest_field()
    """The index of the input in the request, from 0."""
    object: str | None = rest_field()
    """The type of the object: "embedding"."""

    def to_floats(self) -> "array[float]":
        """Return the vector as 32-bit floats, whether it was sent as numbers or as base64.

        NumPy reads such an array in place: `numpy.asarray(item.to_floats())` copies nothing.

        :raises ValueError: The vector is base64 of something else than 32-bit floats, or a number is too large.
        :raises TypeError: The vector is neither base64 nor a list of numbers.
        """
        try:
            return decode_floats(self.embedding) if isinstance(self.embedding, str) else array("f", self.embedding)
        except OverflowError as error:
            raise ValueError(f"the vector holds a number that is too large: {error}") from error


class EmbeddingsUsage(Model):
    """The token usage of a request."""

    prompt_tokens: int = rest_field()
    """Tokens of the inputs."""
    total_tokens: int = rest_field()
    """All tokens."""
    prompt_patches: int | None = rest_field()
    """Image patches of the inputs, from services that count them."""
    total_patches: int | None = rest_field()
    """All image patches."""


class EmbeddingsResult(Answer):
    """The embeddings of the inputs of a request. `str` returns indented JSON."""

    id: str = rest_field()
    """The id of the response."""
    data: list[EmbeddingItem] = rest_field()
    """The embeddings, in the order of the inputs."""
    usage: EmbeddingsUsage = rest_field()
    """The token usage of the request."""
    model: str = rest_field()
    """The name of the model."""
    object: str | None = rest_field()
    """The type of the object: "list"."""

    def __str__(self) -> str:
        return _indented(self)


class ModelInfo(Answer):
    """Information about the model of an endpoint."""

    model_name: str = rest_field()
    """The name of the model."""
    model_type: str | ModelType = rest_field()
    """The type of the model."""
    model_provider_name: str = rest_field()
    """The provider of the model."""


ChatCompletionsFunctionToolDefinition = ChatCompletionsToolDefinition
EmbeddingInput = ImageEmbeddingInput

document_fields(__name__)
