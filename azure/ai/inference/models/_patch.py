"""The messages, which take their content by position. 1.0.0b9 has more classes here: programs and pickles find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, overload

from . import _models
from ._enums import ChatRole
from ._models import (
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatRequestAudioReference,
    ChatRequestMessage,
    ContentItem,
    EmbeddingsResult,
    ImageEmbeddingInput,
    ImageUrl,
    InputAudio,
)
from ._streams import AsyncStreamingChatCompletions, BaseStreamingChatCompletions, StreamingChatCompletions

__all__ = [
    "AssistantMessage",
    "AsyncStreamingChatCompletions",
    "BaseStreamingChatCompletions",
    "ChatCompletions",
    "ChatRequestMessage",
    "ChatRole",
    "DeveloperMessage",
    "EmbeddingsResult",
    "ImageEmbeddingInput",
    "ImageUrl",
    "InputAudio",
    "StreamingChatCompletions",
    "SystemMessage",
    "ToolMessage",
    "UserMessage",
]

Content: TypeAlias = str | Sequence[ContentItem | Mapping[str, Any]]


class _ContentAndName:
    """The constructor of the messages that have nothing but content and a name."""

    __slots__ = ()

    _positional: ClassVar[str | None] = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(self, content: Content | None, *, name: str | None = None) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...


class SystemMessage(_ContentAndName, _models.ChatRequestSystemMessage, discriminator="system", init=False):
    pass


class DeveloperMessage(_ContentAndName, _models.ChatRequestDeveloperMessage, discriminator="developer", init=False):
    pass


class UserMessage(_ContentAndName, _models.ChatRequestUserMessage, discriminator="user", init=False):
    pass


class AssistantMessage(_models.ChatRequestAssistantMessage, discriminator="assistant"):
    _positional = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(
            self,
            content: Content | None = None,
            *,
            tool_calls: Sequence[ChatCompletionsToolCall | Mapping[str, Any]] | None = None,
            audio: ChatRequestAudioReference | Mapping[str, Any] | None = None,
            refusal: str | None = None,
            name: str | None = None,
        ) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...


class ToolMessage(_models.ChatRequestToolMessage, discriminator="tool"):
    _positional = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(self, content: Content | None = None, *, tool_call_id: str, name: str | None = None) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
