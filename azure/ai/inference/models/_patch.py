"""The messages, which take their content by position, and the streams that the clients return."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeAlias, overload

from azure.core.rest import AsyncHttpResponse, HttpResponse
from typing_extensions import Self

from . import _models
from ._models import (
    ChatCompletionsToolCall,
    ChatRequestAudioReference,
    ContentItem,
    StreamingChatCompletionsUpdate,
)
from ._streaming import UpdateReader

Content: TypeAlias = str | Sequence[ContentItem | Mapping[str, Any]]


def _content_last(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Turn content given by position into the last keyword, as the order of keys on the wire has it."""
    if not args or isinstance(args[0], Mapping):
        return args
    if "content" in kwargs:
        raise ValueError("content cannot be provided as positional and keyword arguments")
    kwargs["content"] = args[0]
    return args[1:]


class SystemMessage(_models.ChatRequestSystemMessage, discriminator="system"):
    @overload
    def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
    @overload
    def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*_content_last(args, kwargs), **kwargs)


class DeveloperMessage(_models.ChatRequestDeveloperMessage, discriminator="developer"):
    @overload
    def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
    @overload
    def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*_content_last(args, kwargs), **kwargs)


class UserMessage(_models.ChatRequestUserMessage, discriminator="user"):
    @overload
    def __init__(self, content: Content | None = None, *, name: str | None = None) -> None: ...
    @overload
    def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*_content_last(args, kwargs), **kwargs)


class AssistantMessage(_models.ChatRequestAssistantMessage, discriminator="assistant"):
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
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*_content_last(args, kwargs), **kwargs)


class ToolMessage(_models.ChatRequestToolMessage, discriminator="tool"):
    @overload
    def __init__(self, content: Content | None = None, *, tool_call_id: str, name: str | None = None) -> None: ...
    @overload
    def __init__(self, mapping: Mapping[str, Any], /) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*_content_last(args, kwargs), **kwargs)


class BaseStreamingChatCompletions:
    """What both streams share: the response they read, and the reader that turns its bytes into updates."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self._reader = UpdateReader(response)


class StreamingChatCompletions(BaseStreamingChatCompletions, Iterator[StreamingChatCompletionsUpdate]):
    """An answer as it is generated: iterate over it to get updates as they arrive.

    The connection is released when the answer is over, when an error is raised, on :meth:`close` and at the end of a
    ``with`` block. Iterating raises, after what came before was delivered: ~azure.core.exceptions.HttpResponseError for
    an error that the service sends within the stream, DecodeError for what is not of the API, and IncompleteReadError
    where the stream ends before the answer does.

    :param response: The response of the service, not read yet.
    """

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response)
        self._chunks = response.iter_bytes()

    def __next__(self) -> StreamingChatCompletionsUpdate:
        reader = self._reader
        try:
            while (update := reader.next_update()) is None:
                if reader.done:
                    raise StopIteration
                chunk = next(self._chunks, None)
                if chunk is None:
                    reader.end()
                else:
                    reader.feed(chunk)
        except BaseException:
            self.close()
            raise
        return update

    def close(self) -> None:
        """Release the connection. No update comes after that."""
        self._reader.done = True
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()


class AsyncStreamingChatCompletions(BaseStreamingChatCompletions, AsyncIterator[StreamingChatCompletionsUpdate]):
    """An answer as it is generated: iterate over it with ``async for`` to get updates as they arrive.

    The connection is released when the answer is over, when an error is raised, on :meth:`aclose` and at the end of an
    ``async with`` block. Iterating raises as ~azure.ai.inference.models.StreamingChatCompletions does.

    :param response: The response of the service, not read yet.
    """

    def __init__(self, response: AsyncHttpResponse) -> None:
        super().__init__(response)
        self._chunks = response.iter_bytes()

    async def __anext__(self) -> StreamingChatCompletionsUpdate:
        reader = self._reader
        try:
            while (update := reader.next_update()) is None:
                if reader.done:
                    raise StopAsyncIteration
                chunk = await anext(self._chunks, None)
                if chunk is None:
                    reader.end()
                else:
                    reader.feed(chunk)
        except BaseException:
            await self.aclose()
            raise
        return update

    async def aclose(self) -> None:
        """Release the connection. No update comes after that."""
        self._reader.done = True
        await self._response.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()
