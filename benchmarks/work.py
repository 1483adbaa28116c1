"""A kind of work, as the files in `works` describe it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CONTENDERS = {
    "ours": "ours",
    "fast": "ours + orjson",
    "b9": "1.0.0b9",
    "openai": "openai",
    "floor": "floor with azure-core",
    "bare": "floor without",
}
CLIENTS = {"ours": "sdk", "fast": "sdk", "b9": "sdk", "openai": "openai", "floor": "floor", "bare": "bare"}
"""Whose client it uses: ours takes the place of 1.0.0b9."""
FUNCTIONS = {"sdk": 0, "openai": 1, "floor": 2, "bare": 2}
"""Which function of a work is for that client: both floors work by hand."""


@dataclass(frozen=True)
class Work:
    """A kind of work, and how each contender does it."""

    title: str
    functions: tuple[Callable[[Any, int], Any], ...]
    """Each gets a client, does the work `size` times, and yields what it reads."""
    size: int
    quick: int  # the size with --quick
    path: str = ""
    """What the server answers, in which {size} stands for the size."""
    client: str = "chat"
    """What client the functions get: "chat", "chat_async", "many_async", "embeddings", or if empty, what makes one."""
    metrics: tuple[str, ...] = ("cpu",)
    """What the tables show. The first is the one that the chart shows."""
    repeats: int = 1
    """How many times as many rounds as others it has: more for what is short, which noise drowns."""
    at_once: int = 1
    """How many tasks do the work at the same time, each of them `size` times."""
    quick_at_once: int = 0  # if that is not the same with --quick
    use: Callable[[Any], float] = len
    """What is done with each thing that the functions yield. The sum is the same for all contenders."""
    is_whole: bool = False
    """Whether the report tells what the whole costs, and not each of it."""
    without: tuple[str, ...] = ("fast",)
    """The contenders that have nothing of their own to show: orjson only where much is decoded."""
