"""Building a message."""

from collections.abc import Iterator
from typing import Any

from benchmarks.work import Functions, Work

TEXT = "How many feet are in a mile?"


def sdk(_client: Any, size: int) -> Iterator[Any]:
    from azure.ai.inference.models import UserMessage

    message = UserMessage(TEXT)
    for _ in range(size):
        message = UserMessage(TEXT)
    yield message


def by_hand(_client: Any, size: int) -> Iterator[Any]:
    message: dict[str, Any] = {}
    for _ in range(size):
        message = {"role": "user", "content": TEXT}
    yield message


WORKS = {
    "message": Work(
        title="build a message",
        functions=Functions(sdk=sdk, openai=by_hand, by_hand=by_hand),  # messages of openai are dicts
        size=100_000,
        quick_size=20_000,
        client="",
        metrics=("cpu", "instructions"),
    ),
}
