"""Measure a work once, and print the result as JSON. Each measurement has a process of its own.

    python -m benchmarks.worker WORK CONTENDER [--quick] [--size N] [--at-once N] [--cold] [--url URL]

Without --url it starts a server, so that it can be run by hand and profiled:

    python -m cProfile -s tottime -m benchmarks.worker stream ours

Functions import what only some works need: modules imported here would not count as a cost of importing a package.
"""

import argparse
import inspect
import json
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from benchmarks import clients
from benchmarks.work import CLIENTS, CONTENDERS, FUNCTIONS, Work
from benchmarks.works import WORKS

ROOT = Path(__file__).parent.parent


def read_memory(field: str) -> float:
    """Read the memory of this process in MB of 1,024 kB: VmRSS is the current value, VmHWM the peak.

    ru_maxrss is no alternative: it starts with the value of the parent process.
    """
    return int(Path("/proc/self/status").read_text().partition(field)[2].split()[1]) / 1024


class Meter:
    """A context manager that measures a block, in seconds and MB."""

    def __enter__(self) -> None:
        self._memory, self._cpu, self._wall = read_memory("VmRSS"), time.process_time(), time.perf_counter()

    def __exit__(self, *_details: object) -> None:
        cpu, wall, peak = time.process_time(), time.perf_counter(), read_memory("VmHWM")
        self.measured: dict[str, Any] = {"cpu": cpu - self._cpu, "wall": wall - self._wall, "modules": len(sys.modules)}
        self.measured |= {"peak": peak, "growth": peak - self._memory}


def run(work: Work, meter: Meter, make_client: Callable[[str], Any], function: Any, size: int) -> list[float]:
    """Do the work, and return the value of each item."""
    client = make_client(work.client) if work.client else make_client
    with meter:
        values = [work.use(item) for item in function(client, size)]
    if work.client:
        cast("Any", client).close()
    return values


async def run_async(
    work: Work, meter: Meter, make_client: Callable[[str], Any], function: Any, size: int, at_once: int
) -> list[float]:
    """Do the work in several concurrent tasks with one client, and return the value of each item."""
    import asyncio

    async def collect() -> list[float]:
        return [work.use(item) async for item in function(client, size)]

    client = make_client(work.client)
    with meter:
        values = await asyncio.gather(*(collect() for _ in range(at_once)))
    await client.close()
    return [value for values_of_one in values for value in values_of_one]


def measure(work: Work, contender: str, url: str, size: int, at_once: int) -> dict[str, Any]:
    """Measure the work once. "done" is what all contenders must agree on."""
    name, meter = CLIENTS[contender], Meter()
    function = getattr(work.functions, FUNCTIONS[name])
    make_client = partial(getattr(clients, name), f"{url}/{work.path.format(size=size)}")
    if inspect.isasyncgenfunction(function):
        import asyncio

        values = asyncio.run(run_async(work, meter, make_client, function, size, at_once))
    else:
        values = run(work, meter, make_client, function, size)
    if "p50" in work.metrics:
        return meter.measured | {"done": len(values), "p50": sorted(values)[len(values) // 2] / 1e9}
    return meter.measured | {
        "done": sum(values),
        "cpu": meter.measured["cpu"] / (1 if work.is_whole else size * at_once),
    }


@contextmanager
def serving() -> Generator[str, None, None]:
    """Run a server, and yield its URL."""
    import subprocess

    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            yield f"http://127.0.0.1:{cast('IO[str]', server.stdout).readline().strip()}"
        finally:
            server.terminate()


def main() -> None:
    """Warm up with a tenth of the work, measure it, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("--url")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--size", type=int)
    parser.add_argument("--at-once", type=int)
    parser.add_argument("--cold", action="store_true", help="do not warm up")
    options = parser.parse_args()
    if options.contender == "ours":
        cast("dict[str, object]", sys.modules)["orjson"] = None  # importing it fails, as if it were not installed
    if options.contender == "b9":  # it must not import the package from this folder
        sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != ROOT]
    work = WORKS[options.work]
    size = options.size or (work.quick_size if options.quick else work.size)
    at_once = options.at_once or work.count_tasks(is_quick=options.quick)
    with nullcontext(options.url) if options.url else serving() as url:
        if size > 1 and not options.cold:
            measure(work, options.contender, url, max(1, size // 10), max(1, at_once // 10))
        print(json.dumps(measure(work, options.contender, url, size, at_once)))


if __name__ == "__main__":
    main()
