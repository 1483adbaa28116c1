"""Load: 1,000 async streams at once, and 64 threads on one client, with and without faults. Every answer is checked.

`python -m tests.soak --seconds 60` prints figures. It fails if an answer was wrong, or if memory grew by a twentieth;
in less time it still grows to what so many connections need. The service is a process of its own. What becomes of a
request is written in it, so that each answer is known: faults are chosen by a seeded generator, and the verdict does
not depend on how busy the machine is.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen

from azure.ai.inference import ChatCompletionsClient, aio
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import IncompleteReadError

FAULTS = ("drop", "503", "break")
"""Before the answer, which then comes with the next attempt, and within it."""
SHARE = 0.05
PIECES = 8
SETTINGS = {"credential": AzureKeyCredential("k"), "retry_backoff_factor": 0, "read_timeout": 600}


# The service


class Service:
    """Answers each request with its own text, in pieces, or breaks off, as the text of the request says."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                request = json.loads(await reader.readexactly(length))
                text = request["messages"][0]["content"]
                fault = text.split()[0]
                if fault != "break" and text in self.broken:
                    fault = ""
                self.broken.add(text)
                if fault == "drop":
                    break
                writer.write(answer(text, fault, is_stream=request.get("stream", False)))
                await writer.drain()
                if fault == "break":
                    break
        writer.close()


def answer(text: str, fault: str, *, is_stream: bool) -> bytes:
    """The bytes of an answer."""
    if fault == "503":
        return b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n{}"
    events = [{"delta": {"content": f"{text} {number};"}} for number in range(PIECES)]
    if is_stream:
        choices = [*events, {"delta": {}, "finish_reason": "stop"}]
        pieces = [b"data: %b\n\n" % json.dumps({"choices": [{"index": 0, **choice}]}).encode() for choice in choices]
        pieces.append(b"data: [DONE]\n\n")
    else:
        message = {"role": "assistant", "content": expected(text)}
        pieces = [json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode()]
    kind = b"text/event-stream" if is_stream else b"application/json"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % kind
    whole = head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return whole[: len(head) + (len(whole) - len(head)) // 2] if fault == "break" else whole


def expected(text: str) -> str:
    """The whole answer to a text."""
    return "".join(f"{text} {number};" for number in range(PIECES))


async def serve() -> None:
    """Print the port, and serve until the parent ends the process."""
    server = await asyncio.start_server(Service().serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def service() -> Iterator[str]:
    """Run the service in a process of its own."""
    with Popen([sys.executable, __file__, "--serve"], stdout=PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


# The load


class Texts:
    """The texts to ask, each of them once.

    :param share: How many of them ask for a fault.
    """

    def __init__(self, name: str, share: float) -> None:
        self._name, self._share = name, share
        self._random, self._number = random.Random(name), 0

    def next(self) -> str:
        self._number += 1
        fault = self._random.choice(FAULTS) if self._random.random() < self._share else "fine"
        return f"{fault} {self._name} {self._number}"


def check(counts: Counter, text: str, got: str, error: Exception | None) -> None:
    """Count an answer, and whether it was the right one."""
    counts["calls"] += 1
    counts["faults"] += not text.startswith("fine")
    breaks = text.startswith("break")
    is_right = expected(text).startswith(got) if breaks else got == expected(text)
    if not is_right or isinstance(error, IncompleteReadError) != breaks or (error is not None and not breaks):
        counts["wrong"] += 1
        print(f"wrong: {text!r}: {got!r}, {error!r}", file=sys.stderr)


async def streams_at_once(client, texts: Texts, count: int, counts: Counter) -> None:
    """Read so many streams, all of which are open before the first one is read."""
    opened, everyone = 0, asyncio.Event()

    async def read() -> None:
        nonlocal opened
        text, got = texts.next(), ""
        stream = await client.complete(messages=[{"role": "user", "content": text}], stream=True)
        opened += 1
        if opened == count:
            everyone.set()
        await everyone.wait()
        try:
            async for part in stream.text_deltas():
                got += part
        except IncompleteReadError as error:
            check(counts, text, got, error)
        else:
            check(counts, text, got, None)

    await asyncio.gather(*(read() for _ in range(count)))


def calls_in_threads(client, texts: Texts, count: int, counts: Counter, calls: int = 10) -> None:
    """Call from so many threads at once; every second call is a stream."""

    def work(text: str, got: list[str], *, is_stream: bool) -> None:
        answer = client.complete(messages=[{"role": "user", "content": text}], stream=is_stream)
        if is_stream:
            got.extend(answer.text_deltas())
        else:
            got.append(answer.choices[0].message.content)

    with ThreadPoolExecutor(count) as pool:
        asked = [(texts.next(), []) for _ in range(count * calls)]
        ended = [pool.submit(work, *each, is_stream=bool(number % 2)) for number, each in enumerate(asked)]
    for (text, got), future in zip(asked, ended, strict=True):
        check(counts, text, "".join(got), future.exception())


def memory() -> float:
    """The memory of this process in MB, after what is free was given back."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def until(seconds: float, rounds: int) -> Iterator[None]:
    """Go on for so many seconds, and for so many rounds at least."""
    end = time.monotonic() + seconds
    while rounds > 0 or time.monotonic() < end:
        yield
        rounds -= 1


def soak_async(url: str, share: float, seconds: float, count: int, rounds: int = 3) -> Counter:
    """Streams at once with one client. Returns the counts, and the memory after the warm-up and at the end."""
    counts: Counter = Counter()

    async def work() -> None:
        texts = Texts(f"async {share}", share)
        async with aio.ChatCompletionsClient(url, **SETTINGS) as client:
            for part, length in (("warm", seconds / 2), ("end", seconds / 2)):
                for _ in until(length, rounds):
                    await streams_at_once(client, texts, count, counts)
                counts[part] = memory()

    asyncio.run(work())
    return counts


def soak_threads(url: str, share: float, seconds: float, count: int, rounds: int = 3) -> Counter:
    """Threads with one client. Returns the counts, and the memory after the warm-up and at the end."""
    counts: Counter = Counter()
    texts = Texts(f"threads {share}", share)
    with ChatCompletionsClient(url, **SETTINGS) as client:
        for part, length in (("warm", seconds / 2), ("end", seconds / 2)):
            for _ in until(length, rounds):
                calls_in_threads(client, texts, count, counts)
            counts[part] = memory()
    return counts


def allow_many_files() -> None:
    """Let this process and the service open as many files as the system allows."""
    with suppress(ImportError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser("python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all four parts together")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    allow_many_files()
    if options.serve:
        asyncio.run(serve())
    failed = False
    with service() as url:
        for name, work, count in (("async streams", soak_async, 1000), ("threads", soak_threads, 64)):
            for share in (0, SHARE):
                began = time.monotonic()
                found = work(url, share, options.seconds / 4, count)
                growth = found["end"] / found["warm"] - 1
                failed |= found["wrong"] > 0 or (growth > 0.05 and options.seconds >= 60)
                print(
                    f"{count} {name}, {share:.0%} faults: {found['calls']} calls, {found['faults']} faults, "
                    f"{found['wrong']} wrong, lost or repeated, {time.monotonic() - began:.0f} s, memory "
                    f"{found['warm']:.1f} MB -> {found['end']:.1f} MB ({growth:+.1%})",
                    flush=True,
                )
    return failed


if __name__ == "__main__":
    sys.exit(main())
