"""Reading streams: the cost of an update, and the time between sending and receiving an event."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from benchmarks.clients import MOST_TOKENS, STREAM, Updates
from benchmarks.server import TRANSCRIPTS
from benchmarks.work import Functions, Work


def sdk(client: Any, _size: int) -> Iterator[str]:
    for update in client.complete(**STREAM):
        yield update.choices[0].delta.content


def openai(client: Any, _size: int) -> Iterator[str]:
    for update in client.chat.completions.create(**STREAM):
        yield update.choices[0].delta.content


def anthropic(client: Any, _size: int) -> Iterator[str]:
    for event in client.messages.create(**MOST_TOKENS, **STREAM):
        if event.type == "content_block_delta":
            yield event.delta.text


def mistral(client: Any, _size: int) -> Iterator[str]:
    for event in client.chat.stream(**STREAM):
        yield event.data.choices[0].delta.content


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


async def anthropic_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for event in await client.messages.create(**MOST_TOKENS, **STREAM):
        if event.type == "content_block_delta":
            yield event.delta.text


async def mistral_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for event in await client.chat.stream_async(**STREAM):
        yield event.data.choices[0].delta.content


async def by_hand_async(client: Any, _size: int) -> AsyncIterator[str]:
    updates = Updates()
    async for piece in client.pieces(STREAM):
        for update in updates.feed(piece):
            yield update["choices"][0]["delta"]["content"]


def text_of(update: Any) -> str:
    """Read the text of an update of any shape; a hyphen stands for another update of a choice."""
    if not update.choices:
        return ""
    return getattr(getattr(update.choices[0], "delta", None), "content", None) or "-"


def text_by_hand(update: Any) -> str:
    """Do the same with a dict."""
    choices = update["choices"]
    return (choices[0].get("delta", {}).get("content") or "-") if choices else ""


def shape_sdk(client: Any, _size: int) -> Iterator[str]:
    yield from map(text_of, client.complete(**STREAM))


def shape_openai(client: Any, _size: int) -> Iterator[str]:
    yield from map(text_of, client.chat.completions.create(**STREAM))


def shape_by_hand(client: Any, _size: int) -> Iterator[str]:
    updates = Updates()
    for piece in client.pieces(STREAM):
        yield from map(text_by_hand, updates.feed(piece))


async def shape_sdk_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for update in await client.complete(**STREAM):
        yield text_of(update)


async def shape_openai_async(client: Any, _size: int) -> AsyncIterator[str]:
    async for update in await client.chat.completions.create(**STREAM):
        yield text_of(update)


async def shape_by_hand_async(client: Any, _size: int) -> AsyncIterator[str]:
    updates = Updates()
    async for piece in client.pieces(STREAM):
        for update in updates.feed(piece):
            yield text_by_hand(update)


def delay(content: str) -> int:
    """Return how many nanoseconds ago an event was sent: its content is the time of sending."""
    return time.monotonic_ns() - int(content)


BY_HAND = Functions(sdk=sdk, openai=openai, by_hand=by_hand)
BY_HAND_ASYNC = Functions(sdk=sdk_async, openai=openai_async, by_hand=by_hand_async)
SYNC = BY_HAND._replace(anthropic=anthropic, mistral=mistral)
ASYNC = BY_HAND_ASYNC._replace(anthropic=anthropic_async, mistral=mistral_async)
SHAPE = Functions(sdk=shape_sdk, openai=shape_openai, by_hand=shape_by_hand)
SHAPE_ASYNC = Functions(sdk=shape_sdk_async, openai=shape_openai_async, by_hand=shape_by_hand_async)
UPDATES_PATH = "updates-{size}/65536/0/chunked"


def shape_work(name: str, functions: Functions, title: str, client: str) -> Work:
    """Make the work of reading a transcript."""
    path = f"{name}-{{size}}/65536/0/chunked"
    return Work(title=title, functions=functions, size=5000, quick_size=1500, path=path, client=client, without=())


SHAPE_WORKS = {
    f"{work}-{name.replace('_', '-')}": shape_work(name, functions, f"{title} as {name}, per update", client)
    for work, functions, title, client in (
        ("stream", SHAPE, "stream", "chat"),
        ("stream-async", SHAPE_ASYNC, "async stream", "chat_async"),
    )
    for name in TRANSCRIPTS
}
WORKS = {
    "stream": Work(
        title="stream, per update",
        functions=SYNC,
        size=5000,
        quick_size=1500,
        path=UPDATES_PATH,
        without=(),
    ),
    "stream-async": Work(
        title="async stream, per update",
        functions=ASYNC,
        size=5000,
        quick_size=1500,
        path=UPDATES_PATH,
        client="chat_async",
        without=(),
    ),
    **SHAPE_WORKS,
    "delivery": Work(
        title="stream, an event every 2 ms",
        functions=BY_HAND,
        size=500,
        quick_size=150,
        path="stamps-{size}/0/2/chunked",
        metrics=("p50",),
        use=delay,
    ),
    "delivery-unchunked": Work(
        title="the same without HTTP chunking",
        functions=BY_HAND,
        size=500,
        quick_size=150,
        path="stamps-{size}/0/2/close",
        metrics=("p50",),
        use=delay,
    ),
    "many-streams": Work(
        title="{at_once} streams, per update",
        functions=BY_HAND_ASYNC,
        size=200,
        quick_size=200,
        path=UPDATES_PATH,
        client="many_async",
        metrics=("cpu", "peak"),
        at_once=500,
        quick_at_once=30,
        without=(),
    ),
    "paced-streams": Work(
        title="{at_once} streams, an event every 50 ms",
        functions=BY_HAND_ASYNC,
        size=100,
        quick_size=10,
        path="updates-{size}/0/50/chunked",
        client="chat_async",
        metrics=("wall", "cpu"),
        at_once=500,
        quick_at_once=210,
    ),
    "long-event": Work(
        title="a long event in pieces of 1 KB",
        functions=BY_HAND,
        size=5_000_000,
        quick_size=700_000,
        path="event-{size}/1024/0/chunked",
        is_whole=True,
    ),
}
