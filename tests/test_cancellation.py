"""Two thousand cancellations, at random awaits: none is swallowed, and nothing is left behind."""

import asyncio
import gc
import random
import sys

import anyio
import pytest
from azure.ai.inference import aio
from conftest import KEY
from fault_matrix import Noise, body_of, complete, embed, stream
from faults import TIMEOUT, Faults, with_length

COUNT = 56
"""For each of 36 combinations."""


async def spin(task, steps):
    """Let the event loop make so many steps, or fewer if the task ends. Returns how many it made."""
    for step in range(steps):
        if task.done():
            return step
        await asyncio.sleep(0)
    return steps


async def cancel(call, steps):
    task = asyncio.ensure_future(call())
    await spin(task, steps)
    was_running = task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() == was_running
    return was_running


async def time_out(call, steps):
    limits = []

    async def work():
        async with asyncio.timeout(None) as limit:
            limits.append(limit)
            await call()

    task = asyncio.ensure_future(work())
    await spin(task, steps + 1)
    if not task.done():
        limits[0].reschedule(0)
    await asyncio.wait([task])
    assert not task.cancelled()
    assert isinstance(task.exception(), TimeoutError) == limits[0].expired()
    return limits[0].expired()


async def cancel_scope(call, steps):
    ended = []

    async def work():
        with scope:
            await call()
            ended.append(True)

    scope = anyio.CancelScope()
    task = asyncio.ensure_future(work())
    await spin(task, steps)
    scope.cancel()
    await asyncio.wait([task])
    assert task.exception() is None
    assert scope.cancelled_caught != bool(ended)
    return scope.cancelled_caught


WAYS = [cancel, cancel_scope, *([time_out] if sys.version_info >= (3, 11) else [])]


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request):
    made = pytest.importorskip(request.param).new_event_loop()
    made.slow_callback_duration = 1000  # how busy the machine is does not matter
    yield made
    made.run_until_complete(made.shutdown_default_executor())
    made.close()


async def cancel_often(operation, way, settings, service):
    chosen = random.Random(f"{operation.__name__} {way.__name__} {settings}")
    make = aio.EmbeddingsClient if operation is embed else aio.ChatCompletionsClient
    async with make(service.url, KEY, **settings) as client:
        first = asyncio.ensure_future(operation(client))
        longest = 1 + await spin(first, 10**9)
        # Early awaits are as likely as late ones, of which there are more the slower the machine is.
        steps = [int(longest ** chosen.random()) for _ in range(COUNT)]
        caught = [await way(lambda: operation(client), count) for count in steps]
        assert await operation(client) == first.result()
        assert len(asyncio.all_tasks()) == 1
        session = client._client._pipeline._transport.session
        assert not session.connector._acquired, "a connection is still in use"
    await asyncio.sleep(0)
    return sum(caught)


@pytest.mark.parametrize("settings", [{}, {"timeout": TIMEOUT}], ids=["", "timeout"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", [complete, stream, embed])
def test_no_cancellation_is_swallowed(loop, operation, way, settings):
    body, content_type = body_of(operation)
    service = Faults([with_length(body, content_type=content_type)])
    with Noise().listen() as heard:
        caught = loop.run_until_complete(cancel_often(operation, way, settings, service))
        assert service.all_closed()
        service.stop()
        gc.collect()
    assert heard == []
    assert caught
