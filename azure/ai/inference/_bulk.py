"""The plan of a large job: how inputs become requests, in what order their results come, what an error does.

Nothing here waits or sends. A shell in each world reads the input, sends the jobs, and yields the results:

- a plan makes jobs of inputs, and results of answers;
- the schedule holds the jobs that have been read and not delivered, which are a bounded number;
- a run is what becomes of one job: a request that is refused as too large is sent again in halves.
"""

from __future__ import annotations

import json
import math
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError
from typing_extensions import override

from ._http._failures import without_traceback
from ._lazy_models import models
from .limits import estimate_tokens

Result = TypeVar("Result")

_JOBS_PER_WORKER = 2  # one is sent while the next one, or the result of the last one, waits
_MOST_BYTES = 1_000_000  # the default limit of common proxies
_MOST_TOKENS = 300_000  # the limit of the service for one request of embeddings
_TOO_LARGE = 413
_INVALID = (400, 422)
_SAYS_TOO_LARGE = re.compile(r"too (large|long|many|big)|maximum|\bmax\b|exceed|at most|limit", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """One request, for one input or more of them."""

    index: int
    """The index of its first input."""
    inputs: tuple[Any, ...]
    problem: Exception | None = None
    """Why it cannot be sent."""
    is_plain: bool = False
    """Whether the service refused base64 for it."""


@dataclass(frozen=True)
class Part:
    """A job that has been sent, with its answer or its error."""

    job: Job
    answer: Any = None
    error: BaseException | None = None


class Plan(ABC, Generic[Result]):
    """How inputs become jobs, and answers become results."""

    @abstractmethod
    def add(self, index: int, item: Any) -> list[Job]:
        """Take the next input, and return the jobs that are complete with it."""

    def end(self) -> list[Job]:
        """Return the jobs that are complete as there are no more inputs."""
        return []

    @abstractmethod
    def keywords(self, job: Job) -> dict[str, Any]:
        """Return the keywords of the call for a job."""

    @abstractmethod
    def check(self, job: Job, answer: Any) -> Any:
        """Return an answer as it is kept until it is delivered.

        :raises azure.core.exceptions.DecodeError: It does not answer the job.
        """

    @abstractmethod
    def instead(self, job: Job, error: BaseException) -> list[Job]:
        """Return the jobs to send instead of one that failed; none if its error is final."""

    @abstractmethod
    def results(self, job: Job, answer: Any) -> Iterator[Result]:
        """Make the results of an answer, one by one."""

    @abstractmethod
    def usage(self, counts: dict[str, int]) -> Any:
        """Make a model of token counts."""


class CompletionsPlan(Plan["models.BulkCompletion | models.BulkFailure"]):
    """Each request is a job of its own.

    :param keywords: The common keywords of all requests.
    """

    def __init__(self, keywords: Mapping[str, Any]) -> None:
        _refuse_stream(keywords)
        self._keywords = keywords

    def add(self, index: int, item: Any) -> list[Job]:
        try:
            if isinstance(item, Mapping):
                _refuse_stream(item)
            elif isinstance(item, (str, bytes)) or not isinstance(item, Sequence):
                kind = type(item).__name__
                raise TypeError(f"`requests` must hold lists of messages or mappings of keywords, not {kind}.")
        except TypeError as error:
            return [Job(index, (item,), error)]
        return [Job(index, (item,))]

    def keywords(self, job: Job) -> dict[str, Any]:
        (request,) = job.inputs
        return {**self._keywords, **(request if isinstance(request, Mapping) else {"messages": request})}

    @override
    def check(self, job: Job, answer: Any) -> Any:
        return answer

    @override
    def instead(self, job: Job, error: BaseException) -> list[Job]:
        return []

    def results(self, job: Job, answer: Any) -> Iterator[models.BulkCompletion | models.BulkFailure]:
        yield models.BulkCompletion(job.index, job.inputs[0], answer)

    def usage(self, counts: dict[str, int]) -> models.CompletionsUsage:
        return models.CompletionsUsage(counts)


def _refuse_stream(keywords: Mapping[str, Any]) -> None:
    if keywords.get("stream"):
        raise TypeError("`stream` must not be set: complete_many yields whole completions.")


class EmbeddingsPlan(Plan["models.EmbeddingItem | models.BulkFailure"]):
    """Packs texts into batches, by their number, their bytes and their tokens.

    :param keywords: The keywords of each call.
    :param batch_size: The most texts of a batch.
    :param asks_base64: Whether to ask for base64, and to decode it: it takes a quarter of the bytes and of the time.
    """

    def __init__(self, keywords: Mapping[str, Any], batch_size: int, *, asks_base64: bool) -> None:
        self._keywords = keywords
        self._most_texts = batch_size
        self._largest_accepted = 1
        self._asks_base64 = self._decodes_base64 = asks_base64
        self._texts: list[str] = []
        self._bytes = self._tokens = 0
        self._next = 0

    def add(self, index: int, item: Any) -> list[Job]:
        if not isinstance(item, str):
            problem = TypeError(f"`input` must hold texts, not {type(item).__name__}, which is at index {index}.")
            return [*self.end(), Job(index, (item,), problem)]
        size, tokens = len(json.dumps(item)) + 2, estimate_tokens(item)  # 2: the comma and the space after it
        is_full = self._bytes + size > _MOST_BYTES or self._tokens + tokens > _MOST_TOKENS
        jobs = self.end() if is_full else []
        self._next = index + 1
        self._texts.append(item)
        self._bytes += size
        self._tokens += tokens
        return [*jobs, *self.end()] if len(self._texts) >= self._most_texts else jobs

    def end(self) -> list[Job]:
        texts, self._texts, self._bytes, self._tokens = self._texts, [], 0, 0
        return [Job(self._next - len(texts), tuple(texts))] if texts else []

    def keywords(self, job: Job) -> dict[str, Any]:
        encoding = {"encoding_format": "base64"} if self._asks_base64 and not job.is_plain else {}
        return {"input": list(job.inputs), **self._keywords, **encoding}

    def check(self, job: Job, answer: Any) -> Any:
        items = sorted(answer.data, key=lambda item: item.index)
        if [item.index for item in items] != list(range(len(job.inputs))):
            found = f"{len(items)} embeddings with the indexes {[item.index for item in items]}"
            raise DecodeError(message=f"The answer to {len(job.inputs)} inputs has {found[:200]}.")
        for item in items if self._decodes_base64 else ():
            if isinstance(item.embedding, str):
                try:
                    item["embedding"] = item.to_floats()  # compact until it is delivered
                except ValueError as error:
                    raise DecodeError(message=f"An embedding is neither numbers nor base64 of them: {error}") from error
        self._largest_accepted = max(self._largest_accepted, len(items))
        answer["data"] = items
        return answer

    def instead(self, job: Job, error: BaseException) -> list[Job]:
        if not isinstance(error, HttpResponseError):
            return []
        if self._decodes_base64 and not job.is_plain and _is_about_encoding(error):
            self._asks_base64 = False
            return [replace(job, is_plain=True)]
        if len(job.inputs) == 1 or not _is_too_large(error):
            return []
        half = math.ceil(len(job.inputs) / 2)
        # A text that is too long for the model is refused with the same words: what was accepted once is not too large.
        self._most_texts = min(self._most_texts, max(half, self._largest_accepted))
        return [
            replace(job, inputs=job.inputs[:half]),
            replace(job, index=job.index + half, inputs=job.inputs[half:]),
        ]

    def results(self, job: Job, answer: Any) -> Iterator[models.EmbeddingItem | models.BulkFailure]:
        items = answer.data[::-1]
        answer["data"] = []
        for index in range(job.index, job.index + len(items)):
            item = items.pop()  # so that nothing here holds what has been delivered
            if self._decodes_base64 and not isinstance(item["embedding"], list):
                item["embedding"] = item["embedding"].tolist()
            item["index"] = index
            yield item

    def usage(self, counts: dict[str, int]) -> models.EmbeddingsUsage:
        return models.EmbeddingsUsage(counts)


def _is_about_encoding(error: HttpResponseError) -> bool:
    """Whether the service refuses the encoding of vectors."""
    return error.status_code in _INVALID and ("encoding_format" in error.message or "base64" in error.message)


def _is_too_large(error: HttpResponseError) -> bool:
    """Whether the service refuses a request for its size."""
    if error.status_code == _TOO_LARGE:
        return True
    return error.status_code in _INVALID and bool(_SAYS_TOO_LARGE.search(error.message))


class Schedule(Generic[Result]):
    """The jobs that have been read and not been delivered, and what may be delivered next.

    :param plan: Makes the jobs and the results.
    :param max_concurrency: The most requests at once.
    :param on_error: Whether an error is raised or yielded.
    :param ordered: Whether results come in the order of the inputs, or as soon as they are there.
    :param progress: Is called with the number of inputs done, that of all inputs, and the usage so far.
    :param total: The number of inputs, if it is known.
    """

    def __init__(
        self,
        plan: Plan[Result],
        *,
        max_concurrency: int,
        on_error: str,
        ordered: bool,
        progress: Callable[[int, int | None, Any], object] | None,
        total: int | None,
    ) -> None:
        self.plan = plan
        self._most_jobs = _JOBS_PER_WORKER * max_concurrency
        self._raises = on_error == "raise"
        self._ordered = ordered
        self._progress = progress
        self._total = total
        self._read = self._done = 0
        self._counts: dict[str, int] = {}
        self._open: dict[int, list[Part] | None] = {}
        self._finished: deque[int] = deque()
        self._first_failure = math.inf
        self._has_ended = False
        self._input_error: BaseException | None = None

    @property
    def wants_input(self) -> bool:
        """Whether there is room for another job."""
        return not self._has_ended and len(self._open) < self._most_jobs and self._first_failure == math.inf

    @property
    def waits(self) -> bool:
        """Whether a job is being sent."""
        return None in self._open.values()

    @property
    def is_over(self) -> bool:
        """Whether everything has been delivered."""
        return self._has_ended and not self._open

    def add(self, item: Any) -> list[Job]:
        """Take the next input, and return the jobs to send."""
        self._read += 1
        return self._opened(self.plan.add(self._read - 1, item))

    def end(self, error: BaseException | None = None) -> list[Job]:
        """Note that there are no more inputs, and return the jobs to send.

        :param error: What the input raised. It is raised when all that came before it is delivered.
        """
        self._has_ended, self._input_error = True, error
        return self._opened(self.plan.end())

    def _opened(self, jobs: list[Job]) -> list[Job]:
        for job in jobs:
            self._open[job.index] = None
            if job.problem is not None:
                self.finish(job, [Part(job, error=job.problem)])
        return [job for job in jobs if job.problem is None and self.is_wanted(job)]

    def begin(self, job: Job) -> Run:
        """Begin to send a job."""
        return Run(self, job)

    def finish(self, job: Job, parts: list[Part]) -> None:
        """Note that a job has been sent."""
        self._open[job.index] = parts
        self._finished.append(job.index)
        if any(part.error is not None and self.is_raised(part.error) for part in parts):
            self._first_failure = min(self._first_failure, job.index)

    def is_raised(self, error: BaseException) -> bool:
        """Whether an error ends the whole job."""
        return self._raises or not isinstance(error, Exception)

    def is_wanted(self, job: Job) -> bool:
        """Whether the results of a job can still be delivered."""
        return job.index <= self._first_failure

    def stop(self) -> None:
        """Want no more results."""
        self._first_failure = -1

    def deliver(self) -> Iterator[Result | models.BulkFailure]:
        """Yield the results whose turn has come. Raise the error whose turn has come."""
        while (index := self._next()) is not None:
            for part in self._open.pop(index) or ():
                yield from self._deliver(part)
        if self.is_over and self._input_error is not None:
            raise _with_index(self._input_error, self._read)

    def _next(self) -> int | None:
        """The index of the next job to deliver; None if its turn has not come."""
        if self._ordered or self._first_failure < math.inf:  # then all before the failure comes first
            oldest = next(iter(self._open), None)
            return None if oldest is None or self._open[oldest] is None else oldest
        return self._finished.popleft() if self._finished else None

    def _deliver(self, part: Part) -> Iterator[Result | models.BulkFailure]:
        job, error = part.job, part.error
        if error is not None and self.is_raised(error):
            raise _with_index(error, job.index)
        self._count(part)
        if isinstance(error, Exception):
            for index, item in enumerate(job.inputs, start=job.index):
                yield models.BulkFailure(index, item, error)
        else:
            yield from self.plan.results(job, part.answer)

    def _count(self, part: Part) -> None:
        if self._progress is None:
            return
        self._done += len(part.job.inputs)
        usage = getattr(part.answer, "usage", None) or {}
        for name, count in usage.items():
            if isinstance(count, int):
                self._counts[name] = self._counts.get(name, 0) + count
        self._progress(self._done, self._total, self.plan.usage(self._counts.copy()))


class Run:
    """What becomes of one job: the requests to send for it, and their answers.

    :param schedule: The schedule of the job.
    :param job: The job.
    """

    def __init__(self, schedule: Schedule[Any], job: Job) -> None:
        self._schedule = schedule
        self._todo = [job]
        self._sent = job
        self.parts: list[Part] = []
        """What has been answered, in the order of the inputs."""

    def next_call(self) -> dict[str, Any] | None:
        """Return the keywords of the next call; None if there is none."""
        if not self._todo or not self._schedule.is_wanted(self._todo[-1]):
            return None
        self._sent = self._todo.pop()
        return self._schedule.plan.keywords(self._sent)

    def succeed(self, answer: Any) -> None:
        """Note the answer of the call.

        :raises azure.core.exceptions.DecodeError: It does not answer the job.
        """
        self.parts.append(Part(self._sent, self._schedule.plan.check(self._sent, answer)))

    def fail(self, error: BaseException) -> None:
        """Note the error of the call."""
        without_traceback(error)
        instead = self._schedule.plan.instead(self._sent, error)
        self._todo.extend(reversed(instead))
        if not instead:
            self.parts.append(Part(self._sent, error=error))
            if self._schedule.is_raised(error):
                self._todo.clear()


def schedule_for(
    plan: Plan[Result],
    given: Any,
    name: str,
    *,
    max_concurrency: int,
    on_error: str,
    ordered: bool = True,
    progress: Callable[[int, int | None, Any], object] | None,
    takes_async: bool,
) -> Schedule[Result]:
    """Check the arguments of a large job, and make its schedule.

    :param given: The input, which is the argument called `name`.
    :param takes_async: Whether it may be an async iterable.
    :raises TypeError: An argument has another type.
    :raises ValueError: A number is below 1, or `on_error` is another word.
    """
    kinds = (Iterable, AsyncIterable) if takes_async else (Iterable,)
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, kinds):
        allowed = "an iterable or async iterable" if takes_async else "an iterable"
        raise TypeError(f"`{name}` must be {allowed}, not {type(given).__name__}.")
    check_count("max_concurrency", max_concurrency)
    if on_error not in ("raise", "yield"):
        raise ValueError(f"`on_error` must be 'raise' or 'yield', not {on_error!r}.")
    if progress is not None and not callable(progress):
        raise TypeError(f"`progress` must be callable, not {type(progress).__name__}.")
    return Schedule(
        plan,
        max_concurrency=max_concurrency,
        on_error=on_error,
        ordered=ordered,
        progress=progress,
        total=len(given) if isinstance(given, Sized) else None,
    )


def embeddings_plan(batch_size: int, keywords: Mapping[str, Any], default_encoding: Any) -> EmbeddingsPlan:
    """Check the batch size, and make the plan.

    :param default_encoding: The `encoding_format` of the client; without one here or there, base64 is asked for.
    """
    check_count("batch_size", batch_size)
    asks_base64 = keywords.get("encoding_format") is None and default_encoding is None
    return EmbeddingsPlan(keywords, batch_size, asks_base64=asks_base64)


def check_count(name: str, value: Any) -> None:
    """Refuse what is not a whole number from 1.

    :raises TypeError: It is no whole number.
    :raises ValueError: It is below 1.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"`{name}` must be a whole number, not {type(value).__name__}.")
    if value < 1:
        raise ValueError(f"`{name}` must be at least 1, not {value}.")


def _with_index(error: BaseException, index: int) -> BaseException:
    """Say in an error from where to resume."""
    if isinstance(error, AzureError):
        error.continuation_token = str(index)
    note = f"All results before index {index} of the input were yielded: resume with that index."
    vars(error).setdefault("__notes__", []).append(note)
    return error
