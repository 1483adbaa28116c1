"""How much memory and time hostile answers take. `python tests/bounds.py` prints a table."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, run

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from faults import Faults, bomb, chunk, flood, head, redirect, with_length

MB = 1 << 20
CHUNKED = head("Transfer-Encoding: chunked")
EVENTS = head("Transfer-Encoding: chunked", content_type="text/event-stream")
MESSAGES = [{"role": "user", "content": "hi"}]


def embeddings(size: int) -> bytes:
    numbers = b"-0.0123456789,0.987654321," * 768
    item = b'{"object": "embedding", "index": 0, "embedding": [%b1]},' % numbers
    return b'{"object": "list", "model": "m", "data": [%b]}' % (item * (size // len(item)))[:-1]


def completion(size: int) -> bytes:
    return b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "%b"}}]}' % (b"x" * size)


CASES = {
    "gzip bomb of 1 GB, complete": ("complete", lambda: [with_length(bomb(1 << 30), "Content-Encoding: gzip")]),
    "gzip bomb of 1 GB, stream": ("stream", lambda: [with_length(bomb(1 << 30), "Content-Encoding: gzip")]),
    "200 MB of numbers, embed": ("embed", lambda: [with_length(embeddings(200 * MB))]),
    "200 MB of text, complete": ("complete", lambda: [with_length(completion(200 * MB))]),
    "200 MB in chunks, complete": ("complete", lambda: [CHUNKED, chunk(completion(200 * MB)), b"0\r\n\r\n"]),
    "error body of 50 MB": ("complete", lambda: [with_length(b"x" * 50 * MB, status="400 Bad Request")]),
    "100 Continue without end": ("complete", lambda: [flood(b"HTTP/1.1 100 Continue\r\n\r\n")]),
    "trailers without end": ("complete", lambda: [CHUNKED, chunk(completion(9)), b"0\r\n", flood(b"X: y\r\n")]),
    "redirects with endless bodies": ("complete", lambda: [redirect("/x", "X: y"), flood(b"x")]),
    "an event without end": ("stream", lambda: [EVENTS, b"ffffffffff\r\ndata: ", flood(b"x")]),
    "a JSON body in a stream without end": ("stream", lambda: [CHUNKED, b'ffffffffff\r\n{"', flood(b"x")]),
    "a body without end": ("complete", lambda: [CHUNKED, b"ffffffffff\r\n", flood(b" ")]),
}


def call(operation: str, url: str) -> object:
    """Make a call of the sync clients."""
    from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient

    if operation == "embed":
        return EmbeddingsClient(url, AzureKeyCredential("k")).embed(input=["a"])
    answer = ChatCompletionsClient(url, AzureKeyCredential("k")).complete(
        messages=MESSAGES, stream=operation == "stream"
    )
    return list(answer) if operation == "stream" else answer


async def call_async(operation: str, url: str) -> object:
    """Make a call of the async clients."""
    from azure.ai.inference.aio import ChatCompletionsClient, EmbeddingsClient

    if operation == "embed":
        async with EmbeddingsClient(url, AzureKeyCredential("k")) as client:
            return await client.embed(input=["a"])
    async with ChatCompletionsClient(url, AzureKeyCredential("k")) as client:
        answer = await client.complete(messages=MESSAGES, stream=operation == "stream")
        return [update async for update in answer] if operation == "stream" else answer


def measure(mode: str, operation: str, url: str) -> None:
    """Print the peak of memory in MB beyond that of an idle process, the seconds, and how the call ended."""
    for name in ("aio", "models", "_http._transport", "_http._transport_async"):
        import_module(f"azure.ai.inference.{name}")
    before, began = _peak(), time.monotonic()
    try:
        found = call(operation, url) if mode == "sync" else asyncio.run(call_async(operation, url))
        end = type(found).__name__
    except AzureError as error:
        end = f"{type(error).__name__}: {str(error)[:70]!r}"
    print(json.dumps([_peak() - before, time.monotonic() - began, end]))


def _peak() -> float:
    """The most memory in MB that this process has had. `getrusage` would count its parent's, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Print the table."""
    for name, (operation, steps) in CASES.items():
        for mode in ("sync", "async"):
            service = Faults(steps())
            command = [sys.executable, __file__, mode, operation, service.url]
            peak, seconds, end = json.loads(run(command, stdout=PIPE, check=True).stdout)
            service.stop()
            print(f"{name:36} {mode:6} {peak:8.0f} MB {seconds:7.1f} s  {end}", flush=True)


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 1 else main()
