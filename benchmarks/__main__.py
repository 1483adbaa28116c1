"""Measure what the package costs, beside its peers.

    python -m benchmarks [--quick] [--only WORK] [--rounds N]

Prints tables and what has become of the targets, and writes benchmarks/results.json and benchmarks/results.svg. The
peers are installed into benchmarks/.peers the first time. --only measures the works whose names begin so, and writes
nothing.
"""

import argparse
import json
import os
import platform
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import count_instructions, measure, version
from benchmarks.report import Costs, draw, print_targets, print_work
from benchmarks.targets import TARGETS
from benchmarks.work import CONTENDERS
from benchmarks.worker import serving
from benchmarks.works import WORKS

FOLDER = Path(__file__).parent
ROUNDS, FEW_ROUNDS = 7, 3


def measure_work(name: str, rounds: int, few: int, options: list[str]) -> Costs:
    """Measure a work in rounds, in each of which every contender has its turn; in a few, if no target names it."""
    costs: Costs = {contender: [] for contender in CONTENDERS if contender not in WORKS[name].without}
    named = {side for target in TARGETS if target.work == name for side in (target.contender, target.base)}
    for number in range(rounds * WORKS[name].repeats):
        for contender in costs:
            if contender in named or number < few:
                costs[contender].append(measure(name, contender, *options))
    done = {cost["done"] for rounds_of_one in costs.values() for cost in rounds_of_one}
    if len(done) != 1:
        raise AssertionError(f"The contenders of {name} did not do the same: {done}")
    if "instructions" in WORKS[name].metrics and shutil.which("valgrind"):
        for contender, count in count_instructions(name).items():
            costs[contender] = [cost | {"instructions": count} for cost in costs[contender]]
    return costs


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="less work in each round, and fewer rounds of what no target names"
    )
    parser.add_argument("--only", default="", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("Instructions are not counted without valgrind: apt-get install valgrind")
    results: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "quick": options.quick,
        "versions": {contender: version(contender) for contender in CONTENDERS},
        "works": {},
    }
    with serving() as url:
        for name, work in WORKS.items():
            if name.startswith(options.only):
                given = ["--url", url, *(["--quick"] if options.quick else [])]
                few = FEW_ROUNDS if options.quick else options.rounds
                results["works"][name] = measure_work(name, options.rounds, few, given)
                print_work(work, results["works"][name])
    print_targets(results["works"])
    if not options.only:
        (FOLDER / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        draw(results, FOLDER / "results.svg")


if __name__ == "__main__":
    main()
