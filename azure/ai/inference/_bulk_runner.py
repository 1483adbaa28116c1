"""Runs large jobs in threads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextvars import Context, copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from ._bulk import CompletionsPlan, Job, Part, Schedule, embeddings_plan, schedule_for
from .limits import Stop, stop_of_context
from .models import BulkIterator

_Result = TypeVar("_Result")
_END = object()


class _Workers:
    """Threads that send jobs. They do not refer to the iterator, so that it can be garbage-collected.

    :param send: Makes the call of a job.
    :param max_concurrency: The most threads; a thread starts when there is a job for it.
    """

    def __init__(self, schedule: Schedule[Any], send: Callable[..., Any], max_concurrency: int) -> None:
        self.finished: SimpleQueue[tuple[Job, list[Part]]] = SimpleQueue()
        self._schedule = schedule
        self._stop = Stop()
        self._send = send
        self._max_concurrency = max_concurrency
        self._todo: SimpleQueue[tuple[Context, Job] | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def submit(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._todo.put((copy_context(), job))  # spans of the requests have the parent that the caller set
            if len(self._threads) < self._max_concurrency:
                # An iterator that is never closed must not keep the program alive: daemon.
                self._threads.append(Thread(target=self._work, name="azure-ai-inference-bulk", daemon=True))
                self._threads[-1].start()

    def stop(self) -> None:
        self._schedule.stop()
        self._stop.set()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            context, job = task
            self.finished.put((job, context.run(self._run, job)))

    def _run(self, job: Job) -> list[Part]:
        stop_of_context.set(self._stop)
        run = self._schedule.begin(job)
        while (keywords := run.next_call()) is not None:
            try:
                run.succeed(self._send(**keywords))
            except BaseException as error:
                run.fail(error)
        return run.parts


def _run(
    schedule: Schedule[_Result], items: Iterable[Any], send: Callable[..., Any], max_concurrency: int
) -> Generator[Any, None, None]:
    """Read the input, and yield the results. The input is read in the thread of the caller, as its iterators expect."""
    workers = _Workers(schedule, send, max_concurrency)
    try:
        source = iter(items)
        while True:
            yield from schedule.deliver()
            if schedule.is_over:
                return
            while schedule.wants_input:
                workers.submit(_read(schedule, source))
                if not workers.finished.empty():
                    break
            if schedule.waits:
                schedule.finish(*workers.finished.get())
    finally:
        workers.stop()


def _read(schedule: Schedule[_Result], source: Iterator[Any]) -> list[Job]:
    try:
        item = next(source, _END)
    except Exception as error:
        return schedule.end(error)
    return schedule.end() if item is _END else schedule.add(item)


def complete_many(
    complete: Callable[..., Any],
    requests: Iterable[Any],
    keywords: Mapping[str, Any],
    *,
    max_concurrency: int,
    **options: Any,
) -> BulkIterator[Any]:
    """Run a job of chat completions.

    :param complete: The method of the client.
    :param keywords: The common keywords of all requests.
    :param options: What `schedule_for` takes.
    """
    plan = CompletionsPlan(keywords)
    schedule = schedule_for(plan, requests, "requests", max_concurrency=max_concurrency, takes_async=False, **options)
    return BulkIterator(_run(schedule, requests, complete, max_concurrency))


def embed_many(
    embed: Callable[..., Any],
    input: Iterable[Any],
    keywords: Mapping[str, Any],
    default_encoding: Any,
    *,
    batch_size: int,
    max_concurrency: int,
    **options: Any,
) -> BulkIterator[Any]:
    """Run a job of embeddings.

    :param embed: The method of the client.
    :param keywords: The common keywords of all requests.
    :param default_encoding: The `encoding_format` of the client.
    :param options: What `schedule_for` takes.
    """
    plan = embeddings_plan(batch_size, keywords, default_encoding)
    schedule = schedule_for(plan, input, "input", max_concurrency=max_concurrency, takes_async=False, **options)
    return BulkIterator(_run(schedule, input, embed, max_concurrency))
