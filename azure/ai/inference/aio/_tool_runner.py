"""Runs a tool loop: sends its requests, and calls its tools, async functions as tasks, and others in threads."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from .._tool_loop import ToolCall, ToolLoop
from ..models import AsyncStreamingToolRun, StreamingChatCompletionsUpdate, ToolRun


async def run_tools(
    complete: Callable[..., Awaitable[Any]], stream: bool | None, **plan: Any
) -> ToolRun | AsyncStreamingToolRun:
    """Run a loop, or return the stream that runs it.

    :param complete: The method of the client.
    :param stream: Whether to return a stream.
    :param plan: The arguments of ToolLoop.
    """
    loop = ToolLoop(**plan)
    if stream:
        return AsyncStreamingToolRun(loop.progress, _updates(complete, loop))
    while (request := loop.next_request()) is not None:
        loop.take(await complete(**request, stream=False))
        await _run_calls(loop)
    return ToolRun(loop.progress)


async def _updates(
    complete: Callable[..., Awaitable[Any]], loop: ToolLoop
) -> AsyncGenerator[StreamingChatCompletionsUpdate, None]:
    while (request := loop.next_request()) is not None:
        async with await complete(**request, stream=True) as stream:
            async for update in stream:
                yield update
            loop.take(await stream.get_final_completion())
        await _run_calls(loop)


async def _run_calls(loop: ToolLoop) -> None:
    """Run the calls of a round. After an exception, the others are cancelled, and have ended when it is raised."""
    limit = asyncio.Semaphore(loop.max_concurrency)
    tasks = [asyncio.ensure_future(_run_call(call, limit)) for call in loop.calls]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run_call(call: ToolCall, limit: asyncio.Semaphore) -> None:
    async with limit:
        with call.answering():
            result = call.run() if call.is_async else await _in_thread(call.run)
            if inspect.isawaitable(result):
                result = await result
            call.take(result)


async def _in_thread(function: Callable[[], Any]) -> Any:
    """Run a function in a thread. If the task is cancelled meanwhile, it ends when the thread has ended."""
    future = asyncio.get_running_loop().run_in_executor(None, copy_context().run, function)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):  # a task may be cancelled more than once
                await asyncio.wait([future])
        raise
