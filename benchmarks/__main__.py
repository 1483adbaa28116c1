"""Measure what the package costs, compared with similar packages.

    python -m benchmarks [--quick] [--only WORK] [--rounds N]
    python -m benchmarks --from-results [--only WORK]

Prints tables and whether the targets are met, and writes benchmarks/results.json and benchmarks/results.svg. With
--from-results it measures nothing: it prints the tables of results.json and draws results.svg again. With --only it
covers the works whose names start with WORK, and writes nothing.

The packages to compare with are installed into benchmarks/.peers the first time.
"""

import argparse
import os
import platform
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers import count_instructions, measure, version
from benchmarks.report import draw, print_targets, print_work
from benchmarks.results import Results, Samples, summarize
from benchmarks.targets import TARGETS
from benchmarks.work import CONTENDERS
from benchmarks.worker import serving
from benchmarks.works import WORKS

FOLDER = Path(__file__).parent
RESULTS, CHART = FOLDER / "results.json", FOLDER / "results.svg"
ROUNDS = 7
ROUNDS_WITHOUT_TARGET = 3
"""With --quick, the rounds of a contender that no target of the work names."""


def measure_work(name: str, *, rounds: int, rounds_without_target: int, options: list[str]) -> Samples:
    """Measure a work in rounds, in which the contenders take turns."""
    samples: Samples = {contender: [] for contender in WORKS[name].contenders()}
    named = {side for target in TARGETS if target.work == name for side in (target.contender, target.base)}
    for number in range(rounds * WORKS[name].repeats):
        for contender in samples:
            if contender in named or number < rounds_without_target:
                samples[contender].append(measure(name, contender, *options))
    done = {sample["done"] for rounds_of_one in samples.values() for sample in rounds_of_one}
    if len(done) != 1:
        raise AssertionError(f"The contenders did not all do the same work in {name}: {done}")
    if "instructions" in WORKS[name].metrics and shutil.which("valgrind"):
        for contender, count in count_instructions(name).items():
            samples[contender] = [sample | {"instructions": count} for sample in samples[contender]]
    return samples


def measure_works(results: Results, works: list[str], rounds: int) -> Iterator[str]:
    """Measure works, add them to the results, and yield the name of each when it is there."""
    if shutil.which("valgrind") is None:
        print("Instructions are not counted without valgrind: apt-get install valgrind")
    fewer = ROUNDS_WITHOUT_TARGET if results.quick else rounds
    with serving() as url:
        for name in works:
            options = ["--url", url, *(["--quick"] if results.quick else [])]
            samples = measure_work(name, rounds=rounds, rounds_without_target=fewer, options=options)
            title = WORKS[name].title.format(at_once=WORKS[name].count_tasks(is_quick=results.quick))
            results.add(name, title, summarize(name, samples))
            yield name


def main() -> None:
    """Measure or load results, print them, and write files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="do less work in each round, and fewer rounds")
    parser.add_argument("--only", default="", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--from-results", action="store_true", help="measure nothing, and report results.json")
    options = parser.parse_args()
    if options.from_results:
        results = Results.load(RESULTS)
        works = iter([name for name in results.titles if name.startswith(options.only)])
    else:
        results = Results(
            date=time.strftime("%Y-%m-%d"),
            machine=f"{os.cpu_count()} cores, Python {platform.python_version()}",
            quick=options.quick,
            versions={contender: version(contender) for contender in CONTENDERS},
        )
        works = measure_works(results, [name for name in WORKS if name.startswith(options.only)], options.rounds)
    for name in works:
        print_work(results, name)
    print_targets(results, options.only)
    if not options.only:
        if not options.from_results:
            results.save(RESULTS)
        draw(results, CHART)


if __name__ == "__main__":
    main()
