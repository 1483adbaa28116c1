"""Calls that are answered at once."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.clients import QUESTION, Json
from benchmarks.work import Work

Make = Callable[[], Json]


def sdk(make: Make, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.complete(**make()).choices[0].message.content


def openai(make: Make, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.chat.completions.create(**make()).choices[0].message.content


def by_hand(make: Make, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield json.loads(client.post(make()))["choices"][0]["message"]["content"]


async def sdk_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.complete(**QUESTION)).choices[0].message.content


async def openai_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.chat.completions.create(**QUESTION)).choices[0].message.content


async def by_hand_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield json.loads(await client.post(QUESTION))["choices"][0]["message"]["content"]


SYNC = tuple(partial(function, lambda: QUESTION) for function in (sdk, openai, by_hand))
ASYNC = (sdk_async, openai_async, by_hand_async)
ANSWER = "completion-1/0/0/length"
WORKS = {
    "call": Work("call", SYNC, 300, 40, ANSWER),
    "call-async": Work("async call", ASYNC, 300, 40, ANSWER, "chat_async", without=("fast", "openai")),
    "calls-at-once": Work("async call, 64 at once", ASYNC, 20, 2, ANSWER, "chat_async", at_once=64),
}
