"""Large jobs in threads: `complete_many` and `embed_many`. Their documentation is in `_client_base`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import Context, copy_context
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from typing_extensions import Self

from ._bulk import (
    BATCH_SIZE,
    MAX_CONCURRENCY,
    CompletionsPlan,
    Job,
    OnError,
    Part,
    Progress,
    Request,
    Schedule,
    embeddings_plan,
    schedule_for,
)
from ._client_base import ChatCompletionsClientBase, EmbeddingsClientBase
from ._lazy_models import models
from .limits import Stop, stop_of_context

_Result = TypeVar("_Result")
_END = object()


class BulkIterator(Iterator[_Result]):
    """The results of a large job, which is worked on while they are read.

    The work ends with the last result, with an error, on :meth:`close`, at the end of a ``with`` block, and when
    nothing refers to the iterator any more.
    """

    def __init__(
        self, schedule: Schedule[Any], items: Iterable[Any], send: Callable[..., Any], max_concurrency: int
    ) -> None:
        self._results: Generator[_Result, None, None] = _run(schedule, items, _Workers(schedule, send, max_concurrency))

    def __next__(self) -> _Result:
        return next(self._results)

    def close(self) -> None:
        """Stop the work: send nothing more, and wait for the requests that are being answered."""
        self._results.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()


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


def _run(schedule: Schedule[_Result], items: Iterable[Any], workers: _Workers) -> Generator[Any, None, None]:
    """Read the input, and yield the results. The input is read in the thread of the caller, as its iterators expect."""
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


class ChatCompletionsBulk(ChatCompletionsClientBase):
    """Chat completions for many requests."""

    @overload
    def complete_many(
        self,
        requests: Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[models.BulkCompletion]: ...
    @overload
    def complete_many(
        self,
        requests: Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[models.BulkCompletion | models.BulkFailure]: ...
    def complete_many(
        self,
        requests: Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[Any]:
        schedule = schedule_for(
            CompletionsPlan(kwargs),
            requests,
            "requests",
            max_concurrency=max_concurrency,
            on_error=on_error,
            ordered=ordered,
            progress=progress,
            takes_async=False,
        )
        return BulkIterator(schedule, requests, self.complete, max_concurrency)


class EmbeddingsBulk(EmbeddingsClientBase):
    """Embeddings for many texts."""

    @overload
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[models.EmbeddingItem]: ...
    @overload
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[models.EmbeddingItem | models.BulkFailure]: ...
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> BulkIterator[Any]:
        schedule = schedule_for(
            embeddings_plan(batch_size, kwargs, self._defaults.get("encoding_format")),
            input,
            "input",
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            takes_async=False,
        )
        return BulkIterator(schedule, input, self.embed, max_concurrency)
