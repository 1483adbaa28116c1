"""One measurement, in a process of its own, printed as JSON.

    python -m benchmarks.worker WORK CONTENDER [--quick] [--size N] [--at-once N] [--cold] [--url URL]

Without --url it starts a server of its own, so that it can be run by hand and profiled:

    python -m cProfile -s tottime -m benchmarks.worker stream ours

What only some works need is imported late: the import of a package shall not find it there.
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


def memory(field: str) -> float:
    """Read how many MB this process has: VmRSS now, VmHWM at most (ru_maxrss starts with what the parent has)."""
    return int(Path("/proc/self/status").read_text().partition(field)[2].split()[1]) / 1024


class Meter:
    """What a block costs, in seconds and MB."""

    def __enter__(self) -> None:
        self._memory, self._cpu, self._wall = memory("VmRSS"), time.process_time(), time.perf_counter()

    def __exit__(self, *_details: object) -> None:
        cpu, wall, peak = time.process_time(), time.perf_counter(), memory("VmHWM")
        self.cost: dict[str, Any] = {"cpu": cpu - self._cpu, "wall": wall - self._wall, "modules": len(sys.modules)}
        self.cost |= {"peak": peak, "growth": peak - self._memory}


def run(work: Work, meter: Meter, make: Callable[[str], Any], function: Any, size: int) -> list[float]:
    """Do the work with a client of its own."""
    client = make(work.client) if work.client else make
    with meter:
        used = [work.use(item) for item in function(client, size)]
    if work.client:
        cast("Any", client).close()
    return used


async def run_async(
    work: Work, meter: Meter, make: Callable[[str], Any], function: Any, size: int, at_once: int
) -> list[float]:
    """Do the work with a client of its own, several times at once."""
    import asyncio

    async def collect() -> list[float]:
        return [work.use(item) async for item in function(client, size)]

    client = make(work.client)
    with meter:
        used = await asyncio.gather(*(collect() for _ in range(at_once)))
    await client.close()
    return [number for numbers in used for number in numbers]


def measure(work: Work, contender: str, url: str, size: int, at_once: int) -> dict[str, Any]:
    """Do the work once."""
    name, meter = CLIENTS[contender], Meter()
    function = getattr(work.functions, FUNCTIONS[name])
    make = partial(getattr(clients, name), f"{url}/{work.path.format(size=size)}")
    if inspect.isasyncgenfunction(function):
        import asyncio

        used = asyncio.run(run_async(work, meter, make, function, size, at_once))
    else:
        used = run(work, meter, make, function, size)
    if "p50" in work.metrics:
        return meter.cost | {"done": len(used), "p50": sorted(used)[len(used) // 2] / 1e9}
    return meter.cost | {"done": sum(used), "cpu": meter.cost["cpu"] / (1 if work.is_whole else size * at_once)}


@contextmanager
def serving() -> Generator[str, None, None]:
    """Start a server, and return its URL."""
    import subprocess

    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            yield f"http://127.0.0.1:{cast('IO[str]', server.stdout).readline().strip()}"
        finally:
            server.terminate()


def main() -> None:
    """Warm up with a tenth of the work, measure, and print."""
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
        cast("dict[str, object]", sys.modules)["orjson"] = None  # it counts as not installed
    if options.contender == "b9":  # it must not find ours
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
