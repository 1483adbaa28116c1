"""The cost of one long event that comes in small pieces: eight times the bytes should cost about eight times as much.

    python benchmarks/long_event.py

Exits with 1 if 8 MB in pieces of 4 KB cost more than 12 times the CPU time of 1 MB.
"""

import json
import sys
import time
from types import SimpleNamespace

from azure.ai.inference.models._streaming import UpdateReader

PIECE = 4096
LIMIT = 12
ROUNDS = 7


def event(size: int) -> bytes:
    """Make an event whose data is about `size` bytes of JSON."""
    return b"data: " + json.dumps({"choices": [{"delta": {"content": "x" * size}}]}).encode() + b"\n\n"


def seconds(body: bytes) -> float:
    """Read a body in pieces, and return the CPU time of the fastest of several rounds."""
    pieces = [body[start : start + PIECE] for start in range(0, len(body), PIECE)]
    best = float("inf")
    for _ in range(ROUNDS):
        reader = UpdateReader(SimpleNamespace(content_type="text/event-stream"))
        start = time.process_time()
        for piece in pieces:
            reader.feed(piece)
        update = reader.next_update()
        best = min(best, time.process_time() - start)
        if update is None:
            raise AssertionError
    return best


def main() -> int:
    """Print the times and their ratio."""
    small, large = seconds(event(1_000_000)), seconds(event(8_000_000))
    print(f"1 MB: {small * 1000:.2f} ms, 8 MB: {large * 1000:.2f} ms, ratio {large / small:.1f} (at most {LIMIT})")
    return large > LIMIT * small


if __name__ == "__main__":
    sys.exit(main())
