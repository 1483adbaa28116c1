"""The objects that travel, each once: annotation and meaning of every field.

Annotations are evaluated as they stand, so a class is defined before the classes that hold it.
"""

import json
import os
from array import array
from datetime import datetime
from typing import Any, Literal

from typing_extensions import Self

from .._model_base import Model, SdkJSONEncoder, document_fields, rest_discriminator, rest_field
from ._base64 import base64_of, data_url, floats_of
from ._enums import AudioContentFormat, ChatRole, CompletionsFinishReason, ImageDetailLevel, ModelType


def _indented(result: Model) -> str:
    return json.dumps(result, indent=2, cls=SdkJSONEncoder)


class ImageUrl(Model):
    """An image, as an address that the service can read or as a data URL that holds it."""

    url: str = rest_field()
    """The URL of the image: http(s), or ``data:image/{format};base64,{data}``."""
    detail: str | ImageDetailLevel | None = rest_field()
    """How closely the model looks at the image. The service assumes "auto"."""

    @classmethod
    def load(
        cls, *, image_file: str | os.PathLike[str], image_format: str, detail: str | ImageDetailLevel | None = None
    ) -> Self:
        """Read a file into a data URL.

        :keyword image_file: The name of the file.
        :keyword image_format: The format of the image, as in its media type: "png", "jpeg".
        :keyword detail: How closely the model looks at the image. Default: the service decides.
        :raises FileNotFoundError: There is no such file.
        """
        return cls(url=data_url(image_file, image_format), detail=detail)


class AudioUrl(Model):
    """Audio data, as an address that the service can read or as a data URL that holds it."""

    url: str = rest_field()
    """The URL of the audio: http(s), or ``data:audio/{format};base64,{data}``."""


class InputAudio(Model):
    """Audio data."""

    data: str = rest_field()
    """The audio file in base64."""
    format: str | AudioContentFormat = rest_field()
    """The encoding of the file."""

    @classmethod
    def load(cls, *, audio_file: str | os.PathLike[str], audio_format: str | AudioContentFormat) -> Self:
        """Read a file.

        :keyword audio_file: The name of the file.
        :keyword audio_format: The encoding of the file.
        :raises FileNotFoundError: There is no such file.
        """
        return cls(data=base64_of(audio_file), format=audio_format)


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
    image: ImageUrl = rest_field(name="image_url")
    """Another name for `image_url`."""


class AudioContentItem(ContentItem, discriminator="input_audio"):
    """A part that is audio data."""

    input_audio: InputAudio = rest_field()
    """The audio."""


class AudioUrlContentItem(ContentItem, discriminator="audio_url"):
    """A part that is the address of audio data."""

    audio_url: AudioUrl = rest_field()
    """The audio."""


class _Tool(Model):
    """What says that a tool is a function."""

    type: Literal["function"] = rest_field(default="function")
    """The kind of the tool. Always "function"."""


class FunctionCall(Model):
    """The call of a function that the model asks for."""

    name: str = rest_field()
    """The name of the function."""
    arguments: str = rest_field()
    """The arguments as JSON text. The model wrote it: it may be invalid or name parameters that do not exist."""


class ChatCompletionsToolCall(_Tool):
    """The call of a tool that the model asks for."""

    id: str = rest_field()
    """The name of this call, which the message with its result has to repeat."""
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


class ChatCompletionsToolDefinition(_Tool):
    """A tool that the model may call."""

    function: FunctionDefinition = rest_field()
    """The function."""


class ChatCompletionsNamedToolChoiceFunction(Model):
    """The name of a function that the model has to call."""

    name: str = rest_field()
    """The name of the function."""


class ChatCompletionsNamedToolChoice(_Tool):
    """A tool choice that makes the model call one certain tool."""

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


class ChatCompletionsResponseFormat(Model):
    """The form of an answer. The kinds are its subclasses."""

    type: str = rest_discriminator()
    """The kind of the form."""


class ChatCompletionsResponseFormatText(ChatCompletionsResponseFormat, discriminator="text"):
    """The answer is text."""


class ChatCompletionsResponseFormatJsonObject(ChatCompletionsResponseFormat, discriminator="json_object"):
    """The answer is a JSON object. The messages have to ask for JSON, too."""


class ChatCompletionsResponseFormatJsonSchema(ChatCompletionsResponseFormat, discriminator="json_schema"):
    """The answer is JSON that fits a schema."""

    json_schema: JsonSchemaFormat = rest_field()
    """The schema."""


class ChatRequestMessage(Model):
    """A message of a request. The roles are its subclasses."""

    role: str = rest_discriminator()
    """Who the message is from."""
    name: str | None = rest_field()
    """Who of several participants in this role the message is from."""


class ChatRequestAudioReference(Model):
    """Audio that the model spoke before."""

    id: str = rest_field()
    """The `id` of the audio in the answer of the model."""


class ChatRequestSystemMessage(ChatRequestMessage, discriminator="system"):
    """Tells the model how to behave, at the start of a conversation."""

    content: str = rest_field(type=list[ContentItem])
    """The text, or parts that are text."""


class ChatRequestDeveloperMessage(ChatRequestMessage, discriminator="developer"):
    """Tells the model how to behave, for models that take their instructions under this role."""

    content: str = rest_field(type=list[ContentItem])
    """The text, or parts that are text."""


class ChatRequestUserMessage(ChatRequestMessage, discriminator="user"):
    """What the user says to the model."""

    content: str | list[ContentItem] = rest_field()
    """The text, or parts that are text, images or audio."""


class ChatRequestAssistantMessage(ChatRequestMessage, discriminator="assistant"):
    """What the model said before."""

    content: str | None = rest_field(type=list[ContentItem])
    """The text, or parts that are text. None: the message is nothing but tool calls."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model asked for; each has to be followed by a message with its result."""
    audio: ChatRequestAudioReference | None = rest_field()
    """The audio that the model spoke."""
    refusal: str | None = rest_field()
    """Why the model did not answer."""


class ChatRequestToolMessage(ChatRequestMessage, discriminator="tool"):
    """What a tool returned."""

    content: str | None = rest_field(type=list[ContentItem])
    """The text, or parts that are text."""
    tool_call_id: str = rest_field()
    """The `id` of the tool call that this is the result of."""


class ChatCompletionsAudio(Model):
    """Audio that the model speaks."""

    id: str = rest_field()
    """The name of the audio, to refer to it in a later request."""
    expires_at: datetime = rest_field(format="unix-timestamp")
    """When the service forgets the audio, in UTC. By key, the seconds since 1970-01-01."""
    data: str = rest_field()
    """The audio file in base64."""
    format: str | AudioContentFormat | None = rest_field()
    """The encoding of the file."""
    transcript: str = rest_field()
    """What is said."""


class ChatResponseMessage(Model):
    """What the model answers."""

    role: str | ChatRole = rest_field()
    """Who the message is from: the assistant."""
    content: str = rest_field()
    """The text. None: the message is nothing but tool calls."""
    tool_calls: list[ChatCompletionsToolCall] | None = rest_field()
    """The tool calls that the model asks for."""
    reasoning_content: str | None = rest_field()
    """What the model thought before it answered, from services that tell."""
    refusal: str | None = rest_field()
    """Why the model does not answer."""
    audio: ChatCompletionsAudio | None = rest_field()
    """The answer as audio, where the request asked for it."""


class CompletionsUsageDetails(Model):
    """What the tokens of an answer are."""

    audio_tokens: int | None = rest_field()
    """Tokens of audio."""
    reasoning_tokens: int | None = rest_field()
    """Tokens of thinking before the answer."""
    total_tokens: int | None = rest_field()
    """All tokens of the answer."""


class PromptUsageDetails(Model):
    """What the tokens of the messages sent are."""

    audio_tokens: int | None = rest_field()
    """Tokens of audio."""
    cached_tokens: int | None = rest_field()
    """Tokens that the service had read before."""


class CompletionsUsage(Model):
    """How many tokens a request took."""

    completion_tokens: int = rest_field()
    """Tokens of the answer."""
    prompt_tokens: int = rest_field()
    """Tokens of the messages sent."""
    total_tokens: int = rest_field()
    """Tokens of both."""
    completion_tokens_details: CompletionsUsageDetails | None = rest_field()
    """What the tokens of the answer are."""
    prompt_tokens_details: PromptUsageDetails | None = rest_field()
    """What the tokens of the messages are."""


class _Choice(Model):
    """What an answer and the pieces of an answer have in common."""

    index: int = rest_field()
    """The number of the answer among the answers to the request, from 0."""
    finish_reason: str | CompletionsFinishReason = rest_field()
    """Why the model stopped; None in every piece of an answer but the last."""
    logprobs: dict[str, Any] | None = rest_field()
    """How probable the tokens were, where the request asked for it."""
    content_filter_results: dict[str, Any] | None = rest_field()
    """What the content filter of the service says."""


class _Completion(Model):
    """What a whole response and the events of a streamed one have in common."""

    id: str = rest_field()
    """The name that the service gave to the response, the same in every event."""
    created: datetime = rest_field(format="unix-timestamp")
    """When the service began to answer, in UTC. By key, the seconds since 1970-01-01."""
    model: str = rest_field()
    """The model that answers."""
    object: str | None = rest_field()
    """The kind of the object: "chat.completion" or "chat.completion.chunk"."""
    system_fingerprint: str | None = rest_field()
    """The state of the service; in another one the same `seed` may give another answer."""
    prompt_filter_results: list[dict[str, Any]] | None = rest_field()
    """What the content filter of the service says of the messages."""


class ChatChoice(_Choice):
    """One answer to a request."""

    message: ChatResponseMessage = rest_field()
    """The answer."""


class ChatCompletions(_Completion):
    """The answers to a request. `str` gives indented JSON."""

    choices: list[ChatChoice] = rest_field()
    """The answers: one, unless the request asked for more."""
    usage: CompletionsUsage = rest_field()
    """How many tokens the request took."""

    def __str__(self) -> str:
        return _indented(self)


class StreamingChatResponseToolCallUpdate(Model):
    """A piece of a tool call. The first piece of a call holds its `id` and the name of the function."""

    id: str = rest_field()
    """The name of the call; absent or empty in the pieces after the first."""
    function: FunctionCall = rest_field()
    """The name of the function, and the next piece of the arguments."""
    index: int = rest_field()
    """The number of the call among the calls of the answer, from 0; the pieces of a call share it."""
    type: str | None = rest_field()
    """The kind of the tool, in the first piece."""


class StreamingChatResponseMessageUpdate(Model):
    """The next piece of an answer."""

    role: str | ChatRole | None = rest_field()
    """Who the message is from, in the first piece."""
    content: str | None = rest_field()
    """The next piece of the text."""
    tool_calls: list[StreamingChatResponseToolCallUpdate] | None = rest_field()
    """The next pieces of the tool calls."""
    reasoning_content: str | None = rest_field()
    """The next piece of what the model thinks before it answers."""
    refusal: str | None = rest_field()
    """The next piece of why the model does not answer."""


class StreamingChatChoiceUpdate(_Choice):
    """What is new in one answer."""

    delta: StreamingChatResponseMessageUpdate = rest_field(default=dict)
    """The next piece; without content where the service sends none."""


class StreamingChatCompletionsUpdate(_Completion):
    """One event of a stream."""

    choices: list[StreamingChatChoiceUpdate] = rest_field(default=list)
    """What is new, per answer. Empty in an event that holds nothing but `usage`."""
    usage: CompletionsUsage | None = rest_field()
    """How many tokens the request took, in the last event of services that say so."""


class ImageEmbeddingInput(Model):
    """An image to embed, with text or without."""

    image: str = rest_field()
    """The image as a data URL: ``data:image/{format};base64,{data}``."""
    text: str | None = rest_field()
    """A text that is embedded together with the image, by models that can."""

    @classmethod
    def load(cls, *, image_file: str | os.PathLike[str], image_format: str, text: str | None = None) -> Self:
        """Read a file into a data URL, as ImageUrl.load does.

        :keyword text: A text that is embedded together with the image.
        """
        return cls(image=data_url(image_file, image_format), text=text)


class EmbeddingItem(Model):
    """The embedding of one input."""

    embedding: str | list[float] = rest_field()
    """The vector, as a list of numbers, or as base64 where the request asked for it."""
    index: int = rest_field()
    """The place of the input in the request, from 0."""
    object: str | None = rest_field()
    """The kind of the item: "embedding"."""

    def to_floats(self) -> "array[float]":
        """Return the vector as numbers of 32 bits, whichever way it travelled.

        Base64 of floats is decoded; as NumPy reads an array in place, `numpy.asarray(item.to_floats())` copies nothing.

        :raises ValueError: The vector is base64 of something else than floats.
        """
        return floats_of(self.embedding) if isinstance(self.embedding, str) else array("f", self.embedding)


class EmbeddingsUsage(Model):
    """How many tokens a request took."""

    prompt_tokens: int = rest_field()
    """Tokens of the inputs."""
    total_tokens: int = rest_field()
    """Tokens in all."""
    prompt_patches: int | None = rest_field()
    """Patches of images in the inputs, from services that count them."""
    total_patches: int | None = rest_field()
    """Patches of images in all."""


class EmbeddingsResult(Model):
    """The embeddings of the inputs of a request. `str` gives indented JSON."""

    id: str = rest_field()
    """The name that the service gave to the response."""
    data: list[EmbeddingItem] = rest_field()
    """The embeddings, in the order of the inputs."""
    usage: EmbeddingsUsage = rest_field()
    """How many tokens the request took."""
    model: str = rest_field()
    """The model that answered."""
    object: str | None = rest_field()
    """The kind of the response: "list"."""

    def __str__(self) -> str:
        return _indented(self)


class ModelInfo(Model):
    """What an endpoint says of its model."""

    model_name: str = rest_field()
    """The name of the model."""
    model_type: str | ModelType = rest_field()
    """What the model does."""
    model_provider_name: str = rest_field()
    """Who made the model."""


ChatCompletionsResponseFormatJSON = ChatCompletionsResponseFormatJsonObject
ChatCompletionsFunctionToolDefinition = ChatCompletionsToolDefinition
EmbeddingInput = ImageEmbeddingInput

document_fields(__name__)
