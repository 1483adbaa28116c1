"""Building a message."""

from collections.abc import Iterator
from typing import Any

from benchmarks.work import Work

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


METRICS = ("cpu", "instructions")
WORKS = {"message": Work("build a message", (sdk, by_hand, by_hand), 100_000, 20_000, client="", metrics=METRICS)}
