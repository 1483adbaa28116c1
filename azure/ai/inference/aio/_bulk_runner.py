"""Runs large jobs in tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from .._bulk import CompletionsPlan, Job, Schedule, embeddings_plan, schedule_for
from ..models import AsyncBulkIterator

_Result = TypeVar("_Result")


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


def complete_many(
    complete: Callable[..., Any],
    requests: AsyncIterable[Any] | Iterable[Any],
    keywords: Mapping[str, Any],
    *,
    max_concurrency: int,
    **options: Any,
) -> AsyncBulkIterator[Any]:
    """Run a job of chat completions.

    :param complete: The method of the client.
    :param keywords: The common keywords of all requests.
    :param options: What `schedule_for` takes.
    """
    plan = CompletionsPlan(keywords)
    schedule = schedule_for(plan, requests, "requests", max_concurrency=max_concurrency, takes_async=True, **options)
    return AsyncBulkIterator(_run(schedule, requests, complete, max_concurrency))


def embed_many(
    embed: Callable[..., Any],
    input: AsyncIterable[Any] | Iterable[Any],
    keywords: Mapping[str, Any],
    default_encoding: Any,
    *,
    batch_size: int,
    max_concurrency: int,
    **options: Any,
) -> AsyncBulkIterator[Any]:
    """Run a job of embeddings.

    :param embed: The method of the client.
    :param keywords: The common keywords of all requests.
    :param default_encoding: The `encoding_format` of the client.
    :param options: What `schedule_for` takes.
    """
    plan = embeddings_plan(batch_size, keywords, default_encoding)
    schedule = schedule_for(plan, input, "input", max_concurrency=max_concurrency, takes_async=True, **options)
    return AsyncBulkIterator(_run(schedule, input, embed, max_concurrency))
