"""Runs a tool loop: sends its requests, and calls its tools in threads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from ._tool_loop import ToolCall, ToolLoop
from .models import StreamingChatCompletionsUpdate, StreamingToolRun, ToolRun


def run_tools(complete: Callable[..., Any], stream: bool | None, **plan: Any) -> ToolRun | StreamingToolRun:
    """Run a loop, or return the stream that runs it.

    :param complete: The method of the client.
    :param stream: Whether to return a stream.
    :param plan: The arguments of ToolLoop.
    """
    loop = ToolLoop(**plan)
    if stream:
        return StreamingToolRun(loop.progress, _updates(complete, loop))
    while (request := loop.next_request()) is not None:
        loop.take(complete(**request, stream=False))
        _run_calls(loop)
    return ToolRun(loop.progress)


def _updates(complete: Callable[..., Any], loop: ToolLoop) -> Generator[StreamingChatCompletionsUpdate, None, None]:
    while (request := loop.next_request()) is not None:
        with complete(**request, stream=True) as stream:
            yield from stream
            loop.take(stream.get_final_completion())
        _run_calls(loop)


def _run_calls(loop: ToolLoop) -> None:
    """Run the calls of a round. After an exception, calls that have not begun are left out."""
    if not loop.calls:
        return
    contexts = [copy_context() for _ in loop.calls]
    with ThreadPoolExecutor(min(loop.max_concurrency, len(loop.calls)), "tool") as executor:
        for _ in executor.map(lambda context, call: context.run(_run_call, call), contexts, loop.calls):
            pass


def _run_call(call: ToolCall) -> None:
    with call.answering():
        result = call.run()
        if inspect.isawaitable(result):
            import asyncio  # not at the top: most sync programs do not need it

            result = asyncio.run(_result(result))
        call.take(result)


async def _result(awaitable: Any) -> Any:
    return await awaitable
