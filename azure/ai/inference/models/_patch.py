"""The messages, which take their content by position, and the streams that the clients return."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from azure.core.exceptions import AzureError
from azure.core.rest import AsyncHttpResponse, HttpResponse
from typing_extensions import Self

from .._reading import ByteStream
from . import _models
from ._models import (
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatRequestAudioReference,
    ContentItem,
    StreamingChatCompletionsUpdate,
)
from ._reading_async import AsyncByteStream
from ._streaming import UpdateReader

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


def _texts(update: StreamingChatCompletionsUpdate) -> Iterator[str]:
    """The pieces of text in an update that are of the first answer."""
    for choice in update.choices:
        if not choice.index and choice.delta.content:
            yield choice.delta.content


class BaseStreamingChatCompletions:
    """What both streams share: the reader that turns bytes into updates."""

    def __init__(self, response: HttpResponse | AsyncHttpResponse) -> None:
        self._response = response
        self._reader = UpdateReader(response)

    def _end(self, error: BaseException | None) -> None:
        self._reader.done = True
        if isinstance(error, AzureError):
            self._reader.failure = error


class StreamingChatCompletions(BaseStreamingChatCompletions, Iterator[StreamingChatCompletionsUpdate]):
    """An answer as it is generated: iterate over it to get updates as they arrive.

    The connection is released when the answer is over, when an error is raised, on :meth:`close`, at the end of a
    ``with`` block, and when nothing refers to the stream any more. Iterating raises, after what came before was
    delivered: ~azure.core.exceptions.HttpResponseError for an error that the service sends within the stream,
    DecodeError for what is not of the API, and IncompleteReadError where the stream ends before the answer does.

    :param response: The response of the service, not read yet.
    """

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response)
        self._body = ByteStream(response)

    def __next__(self) -> StreamingChatCompletionsUpdate:
        reader = self._reader
        try:
            while (update := reader.next_update()) is None:
                if reader.done:
                    self._body.drain()
                    raise StopIteration
                chunk = self._body.read()
                if chunk:
                    reader.feed(chunk)
                else:
                    reader.end()
        except BaseException as error:
            self._release(error)
            raise
        return update

    def text_deltas(self) -> Iterator[str]:
        """Iterate over the pieces of the text of the first answer."""
        for update in self:
            yield from _texts(update)

    def get_final_completion(self) -> ChatCompletions:
        """Read what is left of the stream, and return the whole answer: what was read before is in it.

        :raises ~azure.core.exceptions.HttpResponseError: As iterating does.
        """
        for _ in self:
            pass
        return self._reader.completion()

    def close(self) -> None:
        """Release the connection. No update comes after that."""
        self._release()

    def _release(self, error: BaseException | None = None) -> None:
        self._end(error)
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()


class AsyncStreamingChatCompletions(BaseStreamingChatCompletions, AsyncIterator[StreamingChatCompletionsUpdate]):
    """An answer as it is generated: iterate over it with ``async for`` to get updates as they arrive.

    The connection is released when the answer is over, when an error is raised, when the task is cancelled, on
    :meth:`aclose`, at the end of an ``async with`` block, and when nothing refers to the stream any more. Iterating
    raises as ~azure.ai.inference.models.StreamingChatCompletions does.

    :param response: The response of the service, not read yet.
    """

    def __init__(self, response: AsyncHttpResponse) -> None:
        super().__init__(response)
        self._body = AsyncByteStream(response)

    async def __anext__(self) -> StreamingChatCompletionsUpdate:
        reader = self._reader
        try:
            while (update := reader.next_update()) is None:
                if reader.done:
                    await self._body.drain()
                    raise StopAsyncIteration
                chunk = await self._body.read()
                if chunk:
                    reader.feed(chunk)
                else:
                    reader.end()
        except BaseException as error:
            await self._release(error)
            raise
        return update

    async def text_deltas(self) -> AsyncIterator[str]:
        """Iterate over the pieces of the text of the first answer."""
        async for update in self:
            for text in _texts(update):
                yield text

    async def get_final_completion(self) -> ChatCompletions:
        """Read what is left of the stream, and return the whole answer: what was read before is in it.

        :raises ~azure.core.exceptions.HttpResponseError: As iterating does.
        """
        async for _ in self:
            pass
        return self._reader.completion()

    async def aclose(self) -> None:
        """Release the connection. No update comes after that."""
        await self._release()

    async def _release(self, error: BaseException | None = None) -> None:
        self._end(error)
        await self._body.close()

    def close(self) -> Awaitable[None]:
        """Release the connection, whether the result is awaited or not."""
        import asyncio  # not at the top: half of all programs do without it

        return asyncio.ensure_future(self.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()
