"""What was measured: each figure summarized over the rounds, and the file that holds the summaries."""

import json
import operator
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.targets import TARGETS
from benchmarks.works import WORKS

Samples = dict[str, list[dict[str, Any]]]
"""What each contender measured for a work, in the order of the rounds: the value of each metric."""
COMPARISONS: dict[str, Callable[[float, float], float]] = {"ratio": operator.truediv, "difference": operator.sub}
BASES = ("b9", "floor")
"""The contenders that the tables compare each contender with."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A metric of a contender, or its comparison with the same metric of another one, over all rounds.

    Contenders take turns in each round, so they are compared within a round: what slows the machine down for a while
    slows both of them down. The median of these comparisons cannot be derived from the summaries of the two metrics.
    """

    work: str
    metric: str
    contender: str
    base: str | None = None
    """The contender that it is compared with, or None for the metric itself."""
    comparison: str | None = None
    """The key of COMPARISONS, or None for the metric itself."""
    rounds: int
    min: float
    median: float
    max: float


def summarize(work: str, samples: Samples) -> Iterator[Summary]:
    """Summarize the metrics of a work that are reported, and the comparisons that tables and targets need."""
    for metric in WORKS[work].metrics:
        values = {
            contender: [sample[metric] for sample in rounds if metric in sample]
            for contender, rounds in samples.items()
        }
        for contender in samples:
            yield from summarize_values(values[contender], work=work, metric=metric, contender=contender)
        pairs = {(contender, base, "ratio"): None for contender in samples for base in BASES if contender != base}
        for target in TARGETS:
            if (target.work, target.metric) == (work, metric):
                pairs[target.contender, target.base, target.comparison] = None
        for contender, base, comparison in pairs:
            both = zip(values.get(contender, ()), values.get(base, ()), strict=False)  # not all have all rounds
            compared = [COMPARISONS[comparison](value, base_value) for value, base_value in both]
            names = {"work": work, "metric": metric, "contender": contender, "base": base, "comparison": comparison}
            yield from summarize_values(compared, **names)


def summarize_values(values: list[float], **names: str) -> Iterator[Summary]:
    """Summarize the values of all rounds, unless there are none."""
    if values:
        median = statistics.median(values)
        yield Summary(**names, rounds=len(values), min=min(values), median=median, max=max(values))


@dataclass(kw_only=True)
class Results:
    """The summaries of all works, and the circumstances in which they were measured."""

    date: str
    machine: str
    quick: bool
    versions: dict[str, str]
    """The version of each contender, or of the package that distinguishes it."""
    titles: dict[str, str] = field(default_factory=dict)
    """The titles of the works as they were measured."""
    summaries: list[Summary] = field(default_factory=list)

    def add(self, work: str, title: str, summaries: Iterable[Summary]) -> None:
        """Add the summaries of a work."""
        self.titles[work] = title
        self.summaries += summaries

    def find(
        self, work: str, metric: str, contender: str, base: str | None = None, comparison: str | None = None
    ) -> Summary | None:
        """Find the summary of a metric or of a comparison, if it was measured."""
        wanted = (work, metric, contender, base, comparison)
        for summary in self.summaries:
            if wanted == (summary.work, summary.metric, summary.contender, summary.base, summary.comparison):
                return summary
        return None

    def ratio(self, work: str, metric: str, contender: str, base: str) -> float | None:
        """Find the median of the ratios of two contenders, if both were measured."""
        summary = self.find(work, metric, contender, base, "ratio")
        if contender == base and self.find(work, metric, contender):
            return 1
        return summary.median if summary else None

    def save(self, path: Path) -> None:
        """Write a JSON file with one line for each summary."""
        members = {key: value for key, value in vars(self).items() if key != "summaries"}
        head = json.dumps(members, indent=1).removesuffix("\n}")
        rows = ({key: value for key, value in asdict(row).items() if value is not None} for row in self.summaries)
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        path.write_text(f'{head},\n "summaries": [\n{lines}\n ]\n}}\n', encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what `save` wrote."""
        members = json.loads(path.read_text(encoding="utf-8"))
        summaries = [Summary(**row) for row in members.pop("summaries")]
        return cls(**members, summaries=summaries)
