"""Calls whose responses come at once and in one piece."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.clients import MOST_TOKENS, QUESTION, Json
from benchmarks.work import Functions, Work

MakeBody = Callable[[], Json]


def sdk(make_body: MakeBody, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.complete(**make_body()).choices[0].message.content


def openai(make_body: MakeBody, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.chat.completions.create(**make_body()).choices[0].message.content


def anthropic(make_body: MakeBody, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.messages.create(**MOST_TOKENS, **make_body()).content[0].text


def mistral(make_body: MakeBody, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield client.chat.complete(**make_body()).choices[0].message.content


def by_hand(make_body: MakeBody, client: Any, size: int) -> Iterator[str]:
    for _ in range(size):
        yield json.loads(client.post(make_body()))["choices"][0]["message"]["content"]


async def sdk_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.complete(**QUESTION)).choices[0].message.content


async def openai_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.chat.completions.create(**QUESTION)).choices[0].message.content


async def anthropic_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.messages.create(**MOST_TOKENS, **QUESTION)).content[0].text


async def mistral_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield (await client.chat.complete_async(**QUESTION)).choices[0].message.content


async def by_hand_async(client: Any, size: int) -> AsyncIterator[str]:
    for _ in range(size):
        yield json.loads(await client.post(QUESTION))["choices"][0]["message"]["content"]


SYNC = Functions(*(partial(function, lambda: QUESTION) for function in (sdk, openai, by_hand, anthropic, mistral)))
ASYNC = Functions(
    sdk=sdk_async, openai=openai_async, by_hand=by_hand_async, anthropic=anthropic_async, mistral=mistral_async
)
COMPLETION_PATH = "completion-1/0/0/length"
WORKS = {
    "call": Work(title="call", functions=SYNC, size=300, quick_size=40, path=COMPLETION_PATH),
    "call-async": Work(
        title="async call",
        functions=ASYNC,
        size=300,
        quick_size=40,
        path=COMPLETION_PATH,
        client="chat_async",
    ),
    "calls-at-once": Work(
        title="async call, {at_once} at once",
        functions=ASYNC,
        size=20,
        quick_size=2,
        path=COMPLETION_PATH,
        client="chat_async",
        at_once=64,
    ),
}
