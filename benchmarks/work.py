"""What a benchmark consists of: the work, and a function for each way of doing it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

CONTENDERS = {
    "ours": "ours",
    "fast": "ours + orjson",
    "b9": "1.0.0b9",
    "openai": "openai",
    "anthropic": "anthropic",
    "mistral": "mistralai",
    "floor": "floor with azure-core",
    "bare": "floor without azure-core",
}
"""The names of the contenders in tables and charts. A floor does only what the work cannot do without."""
CLIENTS = {name: name for name in CONTENDERS} | dict.fromkeys(("ours", "fast", "b9"), "sdk")
"""The function of `clients` that makes the client of each contender. This package and 1.0.0b9 have the same API."""
FUNCTIONS = {name: name for name in CONTENDERS} | {"sdk": "sdk", "floor": "by_hand", "bare": "by_hand"}
"""The function in `Functions` that uses each of these clients. Both floors have the same interface."""


class Functions(NamedTuple):
    """The same work, done with each kind of client.

    A function takes a client and a size, does work of this size, and yields what it reads. Without one, the contenders
    with this kind of client are left out.
    """

    sdk: Callable[[Any, int], Any]
    openai: Callable[[Any, int], Any]
    by_hand: Callable[[Any, int], Any]
    anthropic: Callable[[Any, int], Any] | None = None
    mistral: Callable[[Any, int], Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Work:
    """A benchmark: what is done, how often, and what is measured."""

    title: str
    """{at_once} stands for the number of concurrent tasks."""
    functions: Functions
    size: int
    """The number of items of which the work consists, such as calls or events, or the length of a single event."""
    quick_size: int
    """The size with --quick."""
    path: str = ""
    """The path of the endpoint, which tells the server what to answer. {size} stands for the size."""
    client: str = "chat"
    """The client passed to the functions: "chat", "chat_async", "many_async" or "embeddings".

    If empty, the functions get a callable that makes a client.
    """
    metrics: tuple[str, ...] = ("cpu",)
    """The metrics shown in the tables. The chart shows the first one."""
    repeats: int = 1
    """The factor for the number of rounds. Short measurements need more rounds, because they are noisy."""
    at_once: int = 1
    """The number of concurrent tasks, each of which does all of the work."""
    quick_at_once: int | None = None
    """The number of concurrent tasks with --quick, if it differs."""
    use: Callable[[Any], float] = len
    """What is done with each item that a function yields. The results add up to the same for all contenders."""
    is_whole: bool = False
    """Whether CPU time is reported for the whole work, and not divided by its size."""
    without: tuple[str, ...] = ("fast",)
    """The contenders that are left out. orjson is measured only where much JSON is decoded."""

    def contenders(self) -> list[str]:
        """Return the names of the contenders, in the order of the tables."""
        return [
            name
            for name in CONTENDERS
            if name not in self.without and getattr(self.functions, FUNCTIONS[CLIENTS[name]]) is not None
        ]

    def count_tasks(self, *, is_quick: bool) -> int:
        """Return the number of concurrent tasks."""
        return self.quick_at_once if is_quick and self.quick_at_once else self.at_once
