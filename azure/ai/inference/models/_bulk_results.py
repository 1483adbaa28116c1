"""What `complete_many` and `embed_many` yield, in addition to the models of the wire."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .._closing import AsyncClosing, Closing
from ._models import ChatCompletions, ChatRequestMessage

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class BulkCompletion:
    """The completion of one request of `complete_many`."""

    index: int
    """The index of the request in the input, from 0."""
    request: Sequence[ChatRequestMessage | Mapping[str, Any]] | Mapping[str, Any]
    """The request as it was given: messages, or a mapping of keywords."""
    completion: ChatCompletions
    """The completion."""
    error: None = None
    """None: :class:`BulkFailure` has the error of a request that failed."""


@dataclass(frozen=True)
class BulkFailure:
    """An input of `complete_many` or `embed_many` that failed, with `on_error="yield"`."""

    index: int
    """The index of the input, from 0."""
    request: Any
    """The input as it was given: for `complete_many` messages or a mapping of keywords, for `embed_many` a text."""
    error: Exception
    """Why it failed: what the call of `complete` or `embed` raised, or a TypeError about the input."""
    completion: None = None
    """None: :class:`BulkCompletion` has the completion of a request that succeeded."""


class BulkIterator(Closing, Iterator[_Result]):
    """The results of a large job, which is worked on while they are read.

    The work ends with the last result, with an error, on :meth:`close`, at the end of a ``with`` block, and when
    nothing refers to the iterator any more.
    """

    def __init__(self, results: Generator[_Result, None, None]) -> None:
        self._results = results

    def __next__(self) -> _Result:
        return next(self._results)

    def close(self) -> None:
        """Stop the work: send nothing more, and wait for the requests that are being answered."""
        self._results.close()


class AsyncBulkIterator(AsyncClosing, AsyncIterator[_Result]):
    """The results of a large job, which is worked on while they are read.

    The work ends with the last result, with an error, on :meth:`aclose`, at the end of an ``async with`` block, and
    when nothing refers to the iterator any more.
    """

    def __init__(self, results: AsyncGenerator[_Result, None]) -> None:
        self._results = results

    async def __anext__(self) -> _Result:
        return await anext(self._results)

    async def aclose(self) -> None:
        """Stop the work: send nothing more, and cancel the requests that are being answered."""
        await self._results.aclose()
