"""Large jobs in tasks: `complete_many` and `embed_many`. Their documentation is in `_client_base`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from typing_extensions import Self

from .._bulk import (
    BATCH_SIZE,
    MAX_CONCURRENCY,
    CompletionsPlan,
    Job,
    OnError,
    Progress,
    Request,
    Schedule,
    embeddings_plan,
    schedule_for,
)
from .._client_base import ChatCompletionsClientBase, EmbeddingsClientBase
from .._lazy_models import models

_Result = TypeVar("_Result")


class AsyncBulkIterator(AsyncIterator[_Result]):
    """The results of a large job, which is worked on while they are read.

    The work ends with the last result, with an error, on :meth:`close`, at the end of a ``with`` block, and when
    nothing refers to the iterator any more.
    """

    def __init__(
        self,
        schedule: Schedule[Any],
        items: AsyncIterable[Any] | Iterable[Any],
        send: Callable[..., Any],
        max_concurrency: int,
    ) -> None:
        self._results: AsyncGenerator[_Result, None] = _run(schedule, items, send, max_concurrency)

    async def __anext__(self) -> _Result:
        return await anext(self._results)

    async def close(self) -> None:
        """Stop the work: send nothing more, and cancel the requests that are being answered."""
        await self._results.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class _Workers:
    """Tasks that read the input and send jobs. They do not refer to the iterator, so that it can be garbage-collected.

    :param send: Makes the call of a job.
    :param max_concurrency: The most tasks that send; one starts when there is a job for it.
    """

    def __init__(self, schedule: Schedule[Any], send: Callable[..., Any], max_concurrency: int) -> None:
        self.has_news = asyncio.Event()
        """Whether there may be something to deliver, or nothing more."""
        self.has_delivered = asyncio.Event()
        """Whether there may be room for another job."""
        self._schedule = schedule
        self._send = send
        self._max_concurrency = max_concurrency
        self._todo: asyncio.Queue[Job] = asyncio.Queue()
        self._senders: list[asyncio.Task[None]] = []
        self._reader: asyncio.Task[None] | None = None

    def start(self, items: AsyncIterable[Any] | Iterable[Any]) -> None:
        self._reader = asyncio.create_task(self._read(items))

    def submit(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._todo.put_nowait(job)
            if len(self._senders) < self._max_concurrency:
                self._senders.append(asyncio.create_task(self._work()))
        self.has_news.set()

    async def stop(self) -> None:
        self._schedule.stop()
        tasks = [task for task in (self._reader, *self._senders) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, items: AsyncIterable[Any] | Iterable[Any]) -> None:
        """Read the input beside the caller, so that an input that is slow does not hold up the results."""
        try:
            async with aclosing(_iterate(items)) as source:
                async for item in source:
                    self.submit(self._schedule.add(item))
                    while not self._schedule.wants_input:
                        self.has_delivered.clear()
                        await self.has_delivered.wait()
        except BaseException as error:
            self.submit(self._schedule.end(error))
            if not isinstance(error, Exception):
                raise
        else:
            self.submit(self._schedule.end())

    async def _work(self) -> None:
        while True:
            job = await self._todo.get()
            run = self._schedule.begin(job)
            try:
                while (keywords := run.next_call()) is not None:
                    try:
                        run.succeed(await self._send(**keywords))
                    except Exception as error:
                        run.fail(error)
            except BaseException as error:  # cancelled, here or by the one that sends
                run.fail(error)
                raise
            finally:
                self._schedule.finish(job, run.parts)
                self.has_news.set()


async def _run(
    schedule: Schedule[_Result],
    items: AsyncIterable[Any] | Iterable[Any],
    send: Callable[..., Any],
    max_concurrency: int,
) -> AsyncGenerator[Any, None]:
    """Yield the results."""
    workers = _Workers(schedule, send, max_concurrency)
    try:
        workers.start(items)
        while True:
            for result in schedule.deliver():
                yield result
            if schedule.is_over:
                return
            workers.has_delivered.set()
            await workers.has_news.wait()
            workers.has_news.clear()
    finally:
        await workers.stop()


async def _iterate(items: AsyncIterable[Any] | Iterable[Any]) -> AsyncGenerator[Any, None]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


class ChatCompletionsBulk(ChatCompletionsClientBase):
    """Chat completions for many requests."""

    @overload
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[models.BulkCompletion]: ...
    @overload
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[models.BulkCompletion | models.BulkFailure]: ...
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[Any]:
        schedule = schedule_for(
            CompletionsPlan(kwargs),
            requests,
            "requests",
            max_concurrency=max_concurrency,
            on_error=on_error,
            ordered=ordered,
            progress=progress,
            takes_async=True,
        )
        return AsyncBulkIterator(schedule, requests, self.complete, max_concurrency)


class EmbeddingsBulk(EmbeddingsClientBase):
    """Embeddings for many texts."""

    @overload
    def embed_many(
        self,
        input: AsyncIterable[str] | Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[models.EmbeddingItem]: ...
    @overload
    def embed_many(
        self,
        input: AsyncIterable[str] | Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[models.EmbeddingItem | models.BulkFailure]: ...
    def embed_many(
        self,
        input: AsyncIterable[str] | Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> AsyncBulkIterator[Any]:
        schedule = schedule_for(
            embeddings_plan(batch_size, kwargs, self._defaults.get("encoding_format")),
            input,
            "input",
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            takes_async=True,
        )
        return AsyncBulkIterator(schedule, input, self.embed, max_concurrency)
