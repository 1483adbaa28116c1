"""Importing a package, and making a client."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.work import Work


def make(make_client: Callable[[str], Any], _size: int) -> Iterator[list[Any]]:
    yield [make_client("chat")]


WORKS = {
    "import": Work("import and a client", (make,) * 3, 1, 1, client="", metrics=("cpu", "peak", "modules"), repeats=3)
}
