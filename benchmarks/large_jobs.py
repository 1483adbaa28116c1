"""Throughput of large jobs against a service of fixed latency, in a process of its own.

    python -m benchmarks.large_jobs          complete_many, 64 requests in flight, a latency of 50 ms, three times
    python -m benchmarks.large_jobs --ray    embed_many with Ray Data, 1, 2 and 4 workers, 4 requests in flight each

The first shows what part of the greatest possible throughput, 64 / 0.05 s, is reached: with the async client, with the
sync one, and with aiohttp alone, in 64 tasks that do nothing but send and read.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import multiprocessing
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, aio
from azure.core.credentials import AzureKeyCredential

IN_FLIGHT = 64
REQUESTS = 6400
CHAT_LATENCY = 0.05
EMBED_LATENCY = 0.2
TEXTS = 60_000
TEXTS_PER_REQUEST = 100
KEY = AzureKeyCredential("key-1")
MESSAGES = [{"role": "user", "content": "hi"}]
COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
USAGE = {"prompt_tokens": 1, "total_tokens": 1}


def _answer(body: bytes) -> dict[str, Any]:
    request = json.loads(body)
    if "messages" in request:
        return COMPLETION
    data = [{"index": index, "object": "embedding", "embedding": [0.5]} for index in range(len(request["input"]))]
    return {"id": "e1", "object": "list", "model": "m", "data": data, "usage": USAGE}


class _Service(asyncio.Protocol):
    """Answers each request after the latency."""

    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport: Any = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer a request that is complete. A client sends the next one after the answer."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if separator and length and len(body) >= int(length[1]):
            self._received = b""
            asyncio.get_running_loop().call_later(self.latency, self._send, _answer(body))

    def _send(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _serve(latency: float, ready: Connection) -> None:
    async def serve() -> None:
        _Service.latency = latency
        server = await asyncio.get_running_loop().create_server(_Service, "127.0.0.1", 0, backlog=512)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def service(latency: float) -> Generator[str, None, None]:
    """Serve in another process, and yield the URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(latency, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def complete_sync(url: str) -> float:
    """The seconds for all requests, in threads."""
    with ChatCompletionsClient(url, KEY) as client:
        start = time.perf_counter()
        for _ in client.complete_many(itertools.repeat(MESSAGES, REQUESTS), max_concurrency=IN_FLIGHT):
            pass
        return time.perf_counter() - start


async def complete_async(url: str) -> float:
    """The seconds for all requests, in tasks."""
    async with aio.ChatCompletionsClient(url, KEY) as client:
        start = time.perf_counter()
        async for _ in client.complete_many(itertools.repeat(MESSAGES, REQUESTS), max_concurrency=IN_FLIGHT):
            pass
        return time.perf_counter() - start


async def post(url: str) -> float:
    """The seconds for all requests, in tasks, with aiohttp alone."""
    import aiohttp

    body, headers = json.dumps({"messages": MESSAGES}), {"Content-Type": "application/json"}
    numbers = iter(range(REQUESTS))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def work() -> None:
            for _ in numbers:
                async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
                    await response.read()

        start = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        return time.perf_counter() - start


class Embedder:
    """A worker of Ray Data."""

    def __init__(self, url: str) -> None:
        self._client = EmbeddingsClient(url, KEY)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Embed a block, with four requests in flight."""
        items = self._client.embed_many(batch["text"].tolist(), batch_size=TEXTS_PER_REQUEST, max_concurrency=4)
        return {"embedding": [item.embedding for item in items]}


def embed_with_ray(url: str, workers: int) -> float:
    """The seconds to embed all texts, the start of the workers included."""
    import ray

    texts = ray.data.from_items([{"text": str(number)} for number in range(TEXTS)], override_num_blocks=50)
    start = time.perf_counter()
    pool = ray.data.ActorPoolStrategy(size=workers)
    embedded = texts.map_batches(Embedder, fn_constructor_args=(url,), batch_size=None, compute=pool, num_cpus=0)
    embedded.materialize()
    return time.perf_counter() - start


def measure_completions() -> None:
    """Measure complete_many, and print."""
    measures: dict[str, Callable[[str], float]] = {
        "async": lambda url: asyncio.run(complete_async(url)),
        "sync": complete_sync,
        "aiohttp": lambda url: asyncio.run(post(url)),
    }
    best = IN_FLIGHT / CHAT_LATENCY
    with service(CHAT_LATENCY) as url:
        for _ in range(3):
            for name, measure in measures.items():
                cpu = time.process_time()
                rate = REQUESTS / measure(url)
                cpu = (time.process_time() - cpu) / REQUESTS * 1e6
                print(f"{name}: {rate:.0f} requests/s, {rate / best:.0%} of {best:.0f}; {cpu:.0f} us CPU each")


def measure_ray() -> None:
    """Measure embed_many with Ray Data, and print."""
    import ray

    ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
    with service(EMBED_LATENCY) as url:
        for workers in (1, 2, 4):
            seconds = embed_with_ray(url, workers)
            best = workers * 4 * TEXTS_PER_REQUEST / EMBED_LATENCY
            print(f"{workers} workers: {seconds:.1f} s, {TEXTS / seconds:.0f} texts/s of {best:.0f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ray", action="store_true", help="measure Ray Data instead")
    measure = measure_ray if parser.parse_args().ray else measure_completions
    measure()


if __name__ == "__main__":
    main()
