"""The kinds of work, one file each, whose functions do the same work side by side, each with its contender's client."""

from benchmarks.work import Work
from benchmarks.works import call, embeddings, importing, message, parse, send, stream

WORKS: dict[str, Work] = {
    name: work
    for module in (importing, stream, call, embeddings, parse, message, send)
    for name, work in module.WORKS.items()
}
