"""The streams that `complete(stream=True)` returns, sync and async: they read bytes, and the reader makes updates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import takewhile
from threading import Lock
from typing import NoReturn, Protocol, SupportsIndex

from azure.core.exceptions import AzureError
from azure.core.rest import AsyncHttpResponse, HttpResponse

from .._closing import AsyncClosing, Closing
from .._http._byte_stream import ByteStream
from .._http._byte_stream_async import AsyncByteStream
from .._http._failures import without_traceback
from .._http._headers import request_id
from .._json import decoder
from ._models import ChatCompletions, ChatCompletionsToolCall, StreamingChatCompletionsUpdate
from ._update_reader import UpdateReader

_CLOSED = "The stream was closed while it was being read."


class StreamObserver(Protocol):
    """Is told what becomes of a stream. None of its methods raises; the last two may be called more than once."""

    def update(self, update: StreamingChatCompletionsUpdate) -> None:
        """Take an update, just before the caller gets it."""

    def end(self) -> None:
        """Take note that the stream is over: read to its end, closed, or forgotten."""

    def fail(self, error: BaseException) -> None:
        """Take note of the exception that the caller gets."""


class BaseStreamingChatCompletions:
    """What both streams share: the reader that turns bytes into updates, and the observer."""

    __module__ = "azure.ai.inference.models._patch"  # where 1.0.0b9 has it, and pickles and `repr` name it

    _observer: StreamObserver | None = None
    _is_closing = False
    """Whether `close` was called while the stream was being read."""

    def __init__(self, response: HttpResponse | AsyncHttpResponse) -> None:
        self._response = response
        self._reader = UpdateReader(response)

    @property
    def response_headers(self) -> Mapping[str, str]:
        """The headers of the response, in any case."""
        headers: Mapping[str, str] = getattr(self._response, "headers", {})
        return headers

    @property
    def request_id(self) -> str | None:
        """The id of the request for support, from the headers of the response."""
        return request_id(self.response_headers)

    def current_completion(self) -> ChatCompletions:
        """Return what has been read so far as one completion. Nothing is read for it, and it raises nothing.

        Before the end, texts and arguments of tool calls may be incomplete, and `finish_reason` is None. After an
        exception, it is what came before. The next call returns another object. Call it in the thread that reads.
        """
        return self._reader.current_completion()

    def _complete_tool_calls(self, update: StreamingChatCompletionsUpdate, known: int) -> list[ChatCompletionsToolCall]:
        """Return the tool calls of the first choice that are complete with this update, after the first `known`."""
        choices = [choice for choice in update.choices if not choice.index]
        if not any(choice.delta.tool_calls or choice.finish_reason for choice in choices):
            return []
        choice = self.current_completion().choices[0]
        calls = (choice.message.tool_calls or [])[known:]
        if choice.finish_reason:
            return calls
        return list(takewhile(_has_arguments, calls[:-1]))

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        # Copying the response would read the stream to its end.
        raise TypeError("A stream cannot be copied or pickled; `get_final_completion()` can.")

    def _observe(self, observer: StreamObserver) -> None:
        """Tell an observer what becomes of the stream from now on."""
        self._observer = observer

    def _was_closed_meanwhile(self, error: BaseException) -> bool:
        """Whether a read ended because another thread or task closed the stream: transports raise all kinds then."""
        return self._is_closing and isinstance(error, Exception)

    def _end(self, error: BaseException | None) -> None:
        self._reader.done = True
        if isinstance(error, AzureError):
            self._reader.failure = error
        if self._observer is not None:
            if error is None or isinstance(error, (StopIteration, StopAsyncIteration)):
                self._observer.end()
            else:
                self._observer.fail(error)

    def __del__(self) -> None:
        if self._observer is not None:
            self._observer.end()


class StreamingChatCompletions(BaseStreamingChatCompletions, Closing, Iterator[StreamingChatCompletionsUpdate]):
    """A chat completion as it is generated: iterate over it to get updates as they arrive.

    The connection is released when the answer is complete, when an error is raised, on :meth:`close`, at the end of a
    ``with`` block, and when nothing refers to the stream any more. Iterating raises, after what came before was
    delivered: azure.core.exceptions.HttpResponseError for an error that the service sends within the stream,
    DecodeError for what is not a valid response of this API, and IncompleteReadError where the stream ends prematurely.

    :param response: The response of the service, not read yet.
    """

    __module__ = "azure.ai.inference.models._patch"

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response)
        self._body = ByteStream(response)
        self._lock = Lock()

    def __next__(self) -> StreamingChatCompletionsUpdate:
        lock = self._lock
        if not lock.acquire(False):
            raise ValueError("The stream is being read by another thread.")
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
            if self._was_closed_meanwhile(error):
                raise ValueError(_CLOSED) from error  # whoever closed the stream, or `finally`, releases it
            without_traceback(error)
            self._release(error)
            raise
        finally:
            lock.release()
            if self._is_closing:
                self._close_unless_read()
        if self._observer is not None:
            self._observer.update(update)
        return update

    def text_deltas(self) -> Iterator[str]:
        """Iterate over the text fragments of the first choice."""
        for update in self:
            yield from _texts(update)

    def tool_calls(self) -> Iterator[ChatCompletionsToolCall]:
        """Iterate over the tool calls of the first choice. Each comes as soon as it is complete."""
        known = 0
        for update in self:
            calls = self._complete_tool_calls(update, known)
            known += len(calls)
            yield from calls

    def get_final_completion(self) -> ChatCompletions:
        """Read the rest of the stream, and return the whole completion, with what was read before.

        For it a stream keeps what it reads: the texts as they are, and the other events, which are few, compressed from
        1 MB on. That is 2 to 5 % of a long stream, and 10 % of one with ``logprobs``.

        :raises azure.core.exceptions.HttpResponseError: As iterating does.
        """
        for _ in self:
            pass
        return self._reader.completion()

    def close(self) -> None:
        """Release the connection. No update comes after that.

        Another thread that is reading the stream meanwhile gets a ValueError.
        """
        if not self._close_unless_read():
            self._is_closing = True
            self._body.interrupt()
            self._close_unless_read()  # if the other thread still reads, it sees the flag after it releases the lock

    def _close_unless_read(self) -> bool:
        is_free = self._lock.acquire(False)
        if is_free:
            try:
                self._release()
                self._is_closing = False
            finally:
                self._lock.release()
        return is_free

    def _release(self, error: BaseException | None = None) -> None:
        self._end(error)
        self._body.close()


class AsyncStreamingChatCompletions(
    BaseStreamingChatCompletions, AsyncClosing, AsyncIterator[StreamingChatCompletionsUpdate]
):
    """A chat completion as it is generated: iterate over it with ``async for`` to get updates as they arrive.

    The connection is released when the answer is complete, when an error is raised, when the task is cancelled, on
    :meth:`aclose`, at the end of an ``async with`` block, and when nothing refers to the stream any more. Iterating
    raises as azure.ai.inference.models.StreamingChatCompletions does.

    :param response: The response of the service, not read yet.
    """

    __module__ = "azure.ai.inference.models._patch"

    def __init__(self, response: AsyncHttpResponse) -> None:
        super().__init__(response)
        self._body = AsyncByteStream(response)
        self._is_reading = False

    async def __anext__(self) -> StreamingChatCompletionsUpdate:
        if self._is_reading:
            raise ValueError("The stream is being read by another task.")
        reader = self._reader
        self._is_reading = True
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
            if self._was_closed_meanwhile(error):
                raise ValueError(_CLOSED) from error
            without_traceback(error)
            await self._release(error)
            raise
        finally:
            self._is_reading = self._is_closing = False
        if self._observer is not None:
            self._observer.update(update)
        return update

    async def text_deltas(self) -> AsyncIterator[str]:
        """Iterate over the text fragments of the first choice."""
        async for update in self:
            for text in _texts(update):
                yield text

    async def tool_calls(self) -> AsyncIterator[ChatCompletionsToolCall]:
        """Iterate over the tool calls of the first choice. Each comes as soon as it is complete."""
        known = 0
        async for update in self:
            calls = self._complete_tool_calls(update, known)
            known += len(calls)
            for call in calls:
                yield call

    async def get_final_completion(self) -> ChatCompletions:
        """Read the rest of the stream, and return the whole completion, with what was read before.

        For it a stream keeps what it reads: the texts as they are, and the other events, which are few, compressed from
        1 MB on. That is 2 to 5 % of a long stream, and 10 % of one with ``logprobs``.

        :raises azure.core.exceptions.HttpResponseError: As iterating does.
        """
        async for _ in self:
            pass
        return self._reader.completion()

    async def aclose(self) -> None:
        """Release the connection. No update comes after that.

        Another task that is reading the stream meanwhile gets a ValueError.
        """
        if self._is_reading:
            self._is_closing = True
            self._body.interrupt()
        await self._release()

    async def _release(self, error: BaseException | None = None) -> None:
        self._end(error)
        await self._body.close()


def _has_arguments(call: ChatCompletionsToolCall) -> bool:
    """Whether the arguments of a tool call are complete, although another one has begun."""
    try:
        decoder()((call.function.arguments or "").encode())
    except ValueError:
        return False
    return True


def _texts(update: StreamingChatCompletionsUpdate) -> Iterator[str]:
    """The text fragments in an update that belong to the first choice."""
    for choice in update.choices:
        if not choice.index and choice.delta.content and isinstance(choice.delta.content, str):
            yield choice.delta.content
