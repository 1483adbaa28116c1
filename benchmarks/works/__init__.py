"""All benchmarks. Each module defines the functions that do the same work with each kind of client."""

from benchmarks.work import Work
from benchmarks.works import call, embeddings, importing, message, parse, send, stream

WORKS: dict[str, Work] = {
    name: work
    for module in (importing, stream, call, embeddings, parse, message, send)
    for name, work in module.WORKS.items()
}
