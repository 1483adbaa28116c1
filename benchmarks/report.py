"""The results as tables and as a chart."""

from pathlib import Path
from typing import Any

from benchmarks.results import BASES, COMPARISONS, Results
from benchmarks.targets import TARGETS, Target
from benchmarks.work import CONTENDERS
from benchmarks.works import WORKS

METRICS = {
    "cpu": "CPU time",
    "wall": "wall time",
    "p50": "p50 delivery",
    "peak": "peak memory",
    "growth": "memory growth",
    "modules": "modules",
    "instructions": "instructions",
}
COLOURS = ("#d62728", "#ff7f0e", "#7f7f7f", "#1f9ac9", "#9467bd", "#8c564b", "#2ca02c", "#8c8c1a")
NOT_DRAWN = ("stream-async-", "send-", "parse", "message", "delivery-unchunked")
"""The beginnings of the names of works that would make the chart long and say little that other rows do not say."""
BAR = 0.1
"""The width of a bar, of a row's 1."""


def format_value(metric: str, value: float) -> str:
    """Format a value with its unit."""
    if metric in ("peak", "growth"):
        return f"{value:.1f} MB"
    if metric in ("modules", "instructions"):
        return f"{value:,.0f}"
    unit, factor = next((pair for pair in (("s ", 1), ("ms", 1e3)) if value * pair[1] >= 1), ("µs", 1e6))
    return f"{value * factor:.3g} {unit}"


def print_work(results: Results, work: str) -> None:
    """Print a table for each metric of a work."""
    for metric in WORKS[work].metrics:
        title = f"{results.titles[work]}: {METRICS[metric]}"
        print(f"\n{title:55} {'min':>9} {'median':>9} {'max':>9} x 1.0.0b9   x floor")
        for contender, label in CONTENDERS.items():
            summary = results.find(work, metric, contender)
            if summary:
                values = (summary.min, summary.median, summary.max)
                ratios = [results.ratio(work, metric, contender, base) for base in BASES]
                cells = [format_value(metric, value) for value in values]
                cells += ["" if ratio is None else f"{ratio:.3f}" for ratio in ratios]
                print(f"  {label:53}", *(f"{cell:>9}" for cell in cells), flush=True)


def print_targets(results: Results, only: str = "") -> None:
    """Print the targets of the works that were measured and whose names start with `only`."""
    print(f"\n{'target':98} wanted  measured           at best")
    for target in TARGETS:
        if target.work in results.titles and target.work.startswith(only):
            title = f"{target.goal}  {results.titles[target.work]}: {METRICS[target.metric]}"
            pair = f"{CONTENDERS[target.contender]} / {CONTENDERS[target.base]}"
            print(f"{title:65} {pair:32}{target.limit:>7.3f} {check_target(results, target)}")


def check_target(results: Results, target: Target) -> str:
    """Compare the median over the rounds with the limit.

    The minimum of one contender compared with the minimum of the other follows: noise changes it less.
    """
    measured = results.find(target.work, target.metric, target.contender, target.base, target.comparison)
    contender = results.find(target.work, target.metric, target.contender)
    base = results.find(target.work, target.metric, target.base)
    if not (measured and contender and base):
        return "not measured"
    best = COMPARISONS[target.comparison](contender.min, base.min)
    return f"{measured.median:>9.3f}  {'met' if measured.median <= target.limit else 'NOT MET':8}{best:>9.3f}"


def draw(results: Results, path: Path) -> None:
    """Draw a bar chart of the first metric of the works, relative to 1.0.0b9."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    works = [(work, WORKS[work].metrics[0]) for work in results.titles if not work.startswith(NOT_DRAWN)]
    settings: Any = {"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9}  # the same file each time
    with mpl.rc_context(settings):
        # The background is opaque, because pages with a dark mode show the chart too.
        figure = Figure(figsize=(9, 0.7 * len(works) + 1), layout="constrained", facecolor="white")
        axes = figure.subplots()
        for offset, (contender, colour) in enumerate(zip(CONTENDERS, COLOURS, strict=True)):
            places = [row + offset * BAR - 0.35 for row in range(len(works))]
            ratios = [results.ratio(work, metric, contender, "b9") or 0 for work, metric in works]
            axes.barh(places, ratios, height=0.9 * BAR, color=colour, label=CONTENDERS[contender])
        axes.set_yticks(range(len(works)), [f"{results.titles[work]}\n{METRICS[metric]}" for work, metric in works])
        axes.set_xscale("log")
        axes.set_xlabel(f"compared with 1.0.0b9, less is better ({results.date}, {results.machine})")
        axes.invert_yaxis()
        axes.margins(y=0.01)
        axes.grid(axis="x", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper center", ncols=len(CONTENDERS) // 2, frameon=False, fontsize=8)
        figure.savefig(path, metadata={"Date": None})
