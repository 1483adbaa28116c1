"""What was measured, as tables and as a picture."""

import operator
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.targets import TARGETS
from benchmarks.work import CONTENDERS, Work
from benchmarks.works import WORKS

Costs = dict[str, list[dict[str, Any]]]
"""The rounds of each contender."""
METRICS = {
    "cpu": "CPU time",
    "wall": "wall time",
    "p50": "p50 delivery",
    "peak": "peak memory",
    "growth": "memory growth",
    "modules": "modules",
    "instructions": "instructions",
}
COLOURS = ("#d62728", "#ff7f0e", "#7f7f7f", "#1f9ac9", "#2ca02c", "#8c8c1a")
INK = "#808080"  # to be read on white and on black
INKED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")


def compare(
    costs: Costs, metric: str, contender: str, base: str, how: Callable[[Any, Any], Any] = operator.truediv
) -> float | None:
    """Compare two contenders round by round, and return the median."""
    pairs = zip(costs.get(contender, ()), costs.get(base, ()), strict=False)
    compared = [how(cost[metric], other[metric]) for cost, other in pairs if metric in cost and metric in other]
    return statistics.median(compared) if compared else None


def show(metric: str, value: float) -> str:
    """Write a value with its unit."""
    if metric in ("peak", "growth"):
        return f"{value:.1f} MB"
    if metric in ("modules", "instructions"):
        return f"{value:,.0f}"
    unit, factor = next((pair for pair in (("s ", 1), ("ms", 1e3)) if value * pair[1] >= 1), ("µs", 1e6))
    return f"{value * factor:.3g} {unit}"


def print_work(work: Work, costs: Costs) -> None:
    """Print a table for each metric of a work."""
    for metric in work.metrics:
        print(f"\n{f'{work.title}: {METRICS[metric]}':55} {'min':>9} {'median':>9} {'max':>9} x 1.0.0b9   x floor")
        for contender, rounds in costs.items():
            values = [cost[metric] for cost in rounds if metric in cost]
            if values:
                cells = [show(metric, choose(values)) for choose in (min, statistics.median, max)]
                ratios = [compare(costs, metric, contender, base) for base in ("b9", "floor")]
                cells += ["" if ratio is None else f"{ratio:.3f}" for ratio in ratios]
                print(f"  {CONTENDERS[contender]:53}", *(f"{cell:>9}" for cell in cells), flush=True)


def print_targets(works: dict[str, Costs]) -> None:
    """Print what is wanted of the works that were measured, what they took, and whether that is enough.

    Besides the median of the rounds there is the ratio of the best ones, which a noisy machine changes less.
    """
    print(f"\n{'target':98} wanted  measured           at best")
    for target in TARGETS:
        if target.work in works:
            pair = target.contender, target.base
            how = operator.sub if target.is_difference else operator.truediv
            measured = compare(works[target.work], target.metric, target.contender, target.base, how)
            title = f"{target.goal}  {WORKS[target.work].title}: {METRICS[target.metric]}"
            against = f"{CONTENDERS[target.contender]} / {CONTENDERS[target.base]}"
            result = "not measured"
            if measured is not None:
                best = how(*(min(costs[target.metric] for costs in works[target.work][name]) for name in pair))
                result = f"{measured:>9.3f}  {'met' if measured <= target.limit else 'NOT MET':8}{best:>9.3f}"
            print(f"{title:65} {against:32}{target.limit:>7.3f} {result}")


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw a bar chart: the first metric of each work, 1.0.0b9 being 1."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    works: dict[str, Costs] = results["works"]
    firsts = [(WORKS[name].metrics[0], WORKS[name].title, costs) for name, costs in works.items()]
    settings: Any = {"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9} | dict.fromkeys(INKED, INK)
    with mpl.rc_context(settings):
        figure = Figure(figsize=(9, 0.62 * len(works) + 1), layout="constrained")
        axes = figure.subplots()
        for offset, (contender, colour) in enumerate(zip(CONTENDERS, COLOURS, strict=True)):
            places = [row + offset * 0.13 - 0.33 for row in range(len(firsts))]
            ratios = [compare(costs, metric, contender, "b9") or 0 for metric, _, costs in firsts]
            axes.barh(places, ratios, height=0.12, color=colour, label=CONTENDERS[contender])
        axes.set_yticks(range(len(firsts)), [f"{title}\n{METRICS[metric]}" for metric, title, _ in firsts])
        axes.set_xscale("log")
        axes.set_xlabel(f"compared with 1.0.0b9, less is better ({results['date']}, {results['machine']})")
        axes.invert_yaxis()
        axes.margins(y=0.01)
        axes.grid(axis="x", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper center", ncols=len(CONTENDERS), frameon=False, fontsize=8)
        figure.savefig(path, transparent=True, metadata={"Date": None})
