"""The enumerations of the API.

All of them are open: a service may send or accept a string that is not listed here. Members are looked up regardless of
case, and each member is the string that is sent.
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
    """Whether the model calls tools. ChatCompletionsNamedToolChoice selects a particular tool."""

    AUTO = "auto"
    """The model generates a message or calls tools. The default if the request has tools."""
    NONE = "none"
    """The model generates a message and calls no tool. The default if the request has no tools."""
    REQUIRED = "required"
    """The model must call at least one tool."""


class ChatRole(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The role of the author of a message."""

    SYSTEM = "system"
    """Instructions of the application to the model."""
    USER = "user"
    """The end user."""
    ASSISTANT = "assistant"
    """The model."""
    TOOL = "tool"
    """The result of a tool call."""
    DEVELOPER = "developer"
    """Instructions of the application, for models that use this role instead of `system`."""


class CompletionsFinishReason(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """Why generation stopped."""

    STOPPED = "stop"
    """The message is complete, or a stop sequence was generated."""
    TOKEN_LIMIT_REACHED = "length"
    """The message was truncated at `max_tokens` or at the end of the context window."""
    CONTENT_FILTERED = "content_filter"
    """A content filter removed content from the message."""
    TOOL_CALLS = "tool_calls"
    """The model called tools and needs their results."""


class ImageDetailLevel(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The resolution at which the model sees an image. A higher one costs more tokens."""

    AUTO = "auto"
    """The model chooses by the size of the image."""
    LOW = "low"
    """The image is scaled down."""
    HIGH = "high"
    """The image is scaled down, and split into tiles at full resolution."""


class EmbeddingEncodingFormat(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The encoding of an embedding vector. Models differ in the encodings that they support."""

    BASE64 = "base64"
    """32-bit floats in little-endian order, encoded in base64."""
    BINARY = "binary"
    """One bit per dimension, packed into signed 8-bit integers."""
    FLOAT = "float"
    """A list of numbers. The default."""
    INT8 = "int8"
    """A list of integers from -128 to 127."""
    UBINARY = "ubinary"
    """One bit per dimension, packed into unsigned 8-bit integers."""
    UINT8 = "uint8"
    """A list of integers from 0 to 255."""


class EmbeddingInputType(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The use of an embedding, for models that embed queries and documents differently."""

    TEXT = "text"
    """General text."""
    QUERY = "query"
    """A search query."""
    DOCUMENT = "document"
    """A document to be searched."""


class ModelType(str, Enum, metaclass=CaseInsensitiveEnumMeta):
    """The type of a model."""

    EMBEDDINGS = "embeddings"
    """Generates embeddings of text."""
    IMAGE_GENERATION = "image_generation"
    """Generates images."""
    TEXT_GENERATION = "text_generation"
    """Generates text."""
    IMAGE_EMBEDDINGS = "image_embeddings"
    """Generates embeddings of images."""
    AUDIO_GENERATION = "audio_generation"
    """Generates audio."""
    CHAT_COMPLETION = "chat_completion"
    """Generates chat completions."""
    CHAT = "chat"
    """The same as CHAT_COMPLETION; the name that some endpoints use."""
