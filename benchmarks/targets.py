"""What the package may cost at most, compared with other contenders."""

from dataclasses import dataclass

from benchmarks.works.stream import SHAPE_WORKS


@dataclass(frozen=True)
class Target:
    """The limit for a metric of a contender, compared with the same metric of another one."""

    goal: int
    """The number of the goal to which it belongs."""
    work: str
    metric: str
    base: str
    limit: float
    contender: str = "ours"
    comparison: str = "ratio"
    """"ratio" or "difference": how the two are compared."""


SHAPE_LIMITS = {"floor": 1.1, "b9": 1 / 11, "openai": 1 / 14}
"""For nearly all shapes the median is below the floor. The rest of the limit is the range of the rounds."""
LOGPROBS_LIMITS = {"floor": 1.1, "b9": 1 / 9, "openai": 1 / 10}
"""With `logprobs` nearly all of an update is new: JSON to be parsed, by the floor as well."""
SHAPE_TARGETS = (
    Target(2, name, "cpu", base, limit)
    for name in SHAPE_WORKS
    for base, limit in (LOGPROBS_LIMITS if name.endswith("logprobs") else SHAPE_LIMITS).items()
)
TARGETS = (
    Target(1, "import", "cpu", "floor", 1.15),
    Target(2, "stream", "cpu", "floor", 1),
    Target(2, "stream", "cpu", "b9", 1 / 12),
    Target(2, "stream", "cpu", "openai", 1 / 16),
    Target(2, "stream-async", "cpu", "floor", 1),
    Target(2, "stream-async", "cpu", "b9", 1 / 12),
    Target(2, "stream-async", "cpu", "openai", 1 / 16),
    *SHAPE_TARGETS,
    Target(2, "delivery", "p50", "floor", 1.05),
    Target(2, "long-event", "cpu", "floor", 1.1),
    Target(3, "many-streams", "cpu", "floor", 1.1),
    Target(3, "many-streams", "peak", "floor", 1.1),
    Target(4, "call", "cpu", "b9", 0.45),
    Target(4, "call", "cpu", "openai", 0.6),
    Target(4, "call", "cpu", "anthropic", 0.6),
    # Bare aiohttp takes 0.15 of 1.0.0b9, and azure-core's requests, responses and pipeline take as much again.
    Target(4, "call-async", "cpu", "b9", 0.4),
    Target(4, "calls-at-once", "cpu", "b9", 0.5),
    Target(4, "paced-streams", "wall", "b9", 0.5),
    Target(5, "embeddings", "cpu", "floor", 1.1),
    Target(5, "embeddings", "peak", "floor", 1.2),
    Target(5, "embeddings-base64", "cpu", "openai", 1),
    # Attributes and constructors cost more than subscripts and literals of dicts, in every package.
    Target(6, "parse", "cpu", "b9", 0.1),
    Target(6, "message", "cpu", "b9", 0.125),
    Target(7, "send-dicts", "cpu", "floor", 1.15),
    Target(7, "send-typed", "cpu", "floor", 1.15),
    Target(7, "send-image", "growth", "floor", 10, comparison="difference"),
    # Streams have no target: of most updates nothing is left to parse for orjson.
    Target(8, "embeddings", "cpu", "ours", 1 / 1.5, contender="fast"),
)
