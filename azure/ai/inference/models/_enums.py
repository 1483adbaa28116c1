"""The enumerations of the API.

Every one is open: a service may send or accept a string that is not listed here. Members are found in any case, and
each is the string that travels.
"""

from enum import Enum

from azure.core import CaseInsensitiveEnumMeta


class AudioContentFormat(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The encoding of audio data in a message."""

    WAV = "wav"
    """WAV."""
    MP3 = "mp3"
    """MP3."""


class ChatCompletionsToolChoicePreset(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """How the model is to use the tools of a request, where it is not a certain tool that it has to call."""

    AUTO = "auto"
    """The model answers or calls tools, as it sees fit. What a service assumes when there are tools."""
    NONE = "none"
    """The model answers and calls no tool. What a service assumes when there are no tools."""
    REQUIRED = "required"
    """The model has to call at least one tool."""


class ChatRole(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """Who a message is from."""

    SYSTEM = "system"
    """The application, telling the model how to behave."""
    USER = "user"
    """The person or program that the model answers."""
    ASSISTANT = "assistant"
    """The model."""
    TOOL = "tool"
    """A tool that the model called."""
    DEVELOPER = "developer"
    """The application, for models that take its instructions under this name."""


class CompletionsFinishReason(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """Why the model stopped."""

    STOPPED = "stop"
    """The answer is complete, or one of the stop sequences came up."""
    TOKEN_LIMIT_REACHED = "length"
    """The answer is cut: `max_tokens` or the context of the model is used up."""
    CONTENT_FILTERED = "content_filter"
    """A content filter removed something from the answer."""
    TOOL_CALLS = "tool_calls"
    """The model calls tools and waits for what they return."""


class ImageDetailLevel(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """How closely the model looks at an image. A finer look costs more tokens."""

    AUTO = "auto"
    """The model decides by the size of the image."""
    LOW = "low"
    """The model sees the image scaled down."""
    HIGH = "high"
    """The model sees the image and tiles of it at full scale."""


class EmbeddingEncodingFormat(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """How the numbers of an embedding travel. Models differ in what they support."""

    BASE64 = "base64"
    """The 32-bit floats in little-endian order, in base64."""
    BINARY = "binary"
    """Signed bits."""
    FLOAT = "float"
    """A list of numbers. What a service assumes."""
    INT8 = "int8"
    """A list of integers from -128 to 127."""
    UBINARY = "ubinary"
    """Unsigned bits."""
    UINT8 = "uint8"
    """A list of integers from 0 to 255."""


class EmbeddingInputType(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """What an embedding is for, where a model embeds questions and documents differently."""

    TEXT = "text"
    """Text in general."""
    QUERY = "query"
    """A question that documents are searched for."""
    DOCUMENT = "document"
    """A document that is found by questions."""


class ModelType(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """What a model does."""

    EMBEDDINGS = "embeddings"
    """Embeds text."""
    IMAGE_GENERATION = "image_generation"
    """Makes images."""
    TEXT_GENERATION = "text_generation"
    """Continues text."""
    IMAGE_EMBEDDINGS = "image_embeddings"
    """Embeds images."""
    AUDIO_GENERATION = "audio_generation"
    """Makes audio."""
    CHAT_COMPLETION = "chat_completion"
    """Answers conversations."""
    CHAT = "chat"
    """Answers conversations; the word of some endpoints."""
