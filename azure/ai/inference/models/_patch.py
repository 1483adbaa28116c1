"""The messages, which take their content by position. 1.0.0b9 has the streams here too, so they are imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from . import _models
from ._models import ChatCompletionsToolCall, ChatRequestAudioReference, ContentItem
from ._streams import AsyncStreamingChatCompletions, BaseStreamingChatCompletions, StreamingChatCompletions

__all__ = [
    "AssistantMessage",
    "AsyncStreamingChatCompletions",
    "BaseStreamingChatCompletions",
    "DeveloperMessage",
    "StreamingChatCompletions",
    "SystemMessage",
    "ToolMessage",
    "UserMessage",
]

Content: TypeAlias = str | Sequence[ContentItem | Mapping[str, Any]]


class SystemMessage(_models.ChatRequestSystemMessage, discriminator="system"):
    _positional = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...


class DeveloperMessage(_models.ChatRequestDeveloperMessage, discriminator="developer"):
    _positional = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...


class UserMessage(_models.ChatRequestUserMessage, discriminator="user"):
    _positional = "content"

    if TYPE_CHECKING:

        @overload
        def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
        @overload
        def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...


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
