"""A time limit that never loses a cancellation.

`asyncio.wait_for` of Python 3.10 and 3.11 can swallow a cancellation that arrives when the time is up, and a timer that
cancels the waiting task could not tell its own cancellation from another one there. So the work is done in a task of
its own, which is cancelled instead of the waiting one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def within(seconds: float, work: Coroutine[Any, Any, _Result], discard: Callable[[_Result], object]) -> _Result:
    """Return the result of a coroutine, which is cancelled when the time is up or the caller is cancelled.

    :param discard: Gets a result for which the caller, cancelled meanwhile, does not wait any more.
    :raises TimeoutError: The time is up.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task,), timeout=max(seconds, 0))
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
    except BaseException:
        task.add_done_callback(lambda ended: _drop(ended, discard))
        task.cancel()
        await asyncio.wait((task,))
        raise
    if task.cancelled():
        raise TimeoutError
    return task.result()


def _drop(task: asyncio.Task[_Result], discard: Callable[[_Result], object]) -> None:
    if not task.cancelled() and task.exception() is None:  # asyncio logs an exception that nobody looks at
        discard(task.result())
