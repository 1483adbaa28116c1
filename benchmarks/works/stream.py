"""Reading streams: what an update costs, and how long an event takes to arrive."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from benchmarks.clients import STREAM, Updates
from benchmarks.work import Work


def sdk(client: Any, _size: int) -> Iterator[str]:
    for update in client.complete(**STREAM):
        yield update.choices[0].delta.content


def openai(client: Any, _size: int) -> Iterator[str]:
    for update in client.chat.completions.create(**STREAM):
        yield update.choices[0].delta.content


def by_hand(client: Any, _size: int) -> Iterator[str]:
    updates = Updates()
    for piece in client.pieces(STREAM):
        for update in updates.feed(piece):
            yield update["choices"][0]["delta"]["content"]


async def sdk_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for update in await client.complete(**STREAM):
        yield update.choices[0].delta.content


async def openai_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for update in await client.chat.completions.create(**STREAM):
        yield update.choices[0].delta.content


async def by_hand_async(client: Any, _size: int) -> AsyncIterator[str]:
    updates = Updates()
    async for piece in client.pieces(STREAM):
        for update in updates.feed(piece):
            yield update["choices"][0]["delta"]["content"]


def delay(content: str) -> int:
    """Compare the time at which an event was sent, which is its content, with the time at which it is here."""
    return time.monotonic_ns() - int(content)


SYNC, ASYNC = (sdk, openai, by_hand), (sdk_async, openai_async, by_hand_async)
BLOCKS, PACED = "updates-{size}/65536/0/chunked", "updates-{size}/0/50/chunked"
STAMPS, STAMPS_UNCHUNKED = "stamps-{size}/0/2/chunked", "stamps-{size}/0/2/close"
DELIVERY: dict[str, Any] = {"use": delay, "metrics": ("p50",)}
WORKS = {
    "stream": Work("stream, per update", SYNC, 5000, 1500, BLOCKS, without=()),
    "stream-async": Work("async stream, per update", ASYNC, 5000, 1500, BLOCKS, "chat_async", without=()),
    "delivery": Work("stream, an event every 2 ms", SYNC, 500, 150, STAMPS, **DELIVERY),
    "delivery-unchunked": Work("the same without HTTP chunking", SYNC, 500, 150, STAMPS_UNCHUNKED, **DELIVERY),
    "many-streams": Work(
        *("500 streams (--quick: 30), per update", ASYNC, 200, 200, BLOCKS),
        metrics=("cpu", "peak"),
        client="many_async",
        at_once=500,
        quick_at_once=30,
        without=(),
    ),
    "paced-streams": Work(
        *("500 streams (--quick: 210), an event every 50 ms", ASYNC, 100, 10, PACED),
        metrics=("wall", "cpu"),
        client="chat_async",
        at_once=500,
        quick_at_once=210,
    ),
    "long-event": Work(
        *("a long event in pieces of 1 KB", SYNC, 5_000_000, 700_000, "event-{size}/1024/0/chunked"), is_whole=True
    ),
}
