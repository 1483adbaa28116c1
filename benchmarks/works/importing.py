"""Importing a package and making a client."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.work import Functions, Work


def make(make_client: Callable[[str], Any], _size: int) -> Iterator[list[Any]]:
    yield [make_client("chat")]


WORKS = {
    "import": Work(
        title="import and a client",
        functions=Functions(sdk=make, openai=make, by_hand=make, anthropic=make, mistral=make),
        size=1,
        quick_size=1,
        client="",
        metrics=("cpu", "peak", "modules"),
        repeats=3,
    ),
}
