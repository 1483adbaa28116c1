"""Every fault, with each operation, in both worlds, and the judge of what becomes of it.

A case ends with the right answer after the retries that are allowed, or with an exception of azure-core. No request is
sent again once its answer has begun, no update of a stream is lost or repeated, nothing is left open, and nothing is
said on stderr or to the log.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import inspect
import io
import json
import logging
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import azure.ai.inference as sync_sdk
from azure.ai.inference import aio as async_sdk
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError, ServiceResponseTimeoutError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest
from fault_kinds import ANSWER, LIMIT, Fault, certificates, cuts, faults
from faults import Faults
from loopback import COMPLETION, DONE, EMBEDDINGS, INFO, event, update

SDKS = {"sync": sync_sdk, "async": async_sdk}
KEY = "key-1"
MESSAGES = [{"role": "user", "content": "hi"}]
TEXTS = ["a", "b", "c"]
STREAM = b"".join([*(event(update(text)) for text in TEXTS), event(update(finish_reason="stop")), DONE])
PLAIN = {"a": 1}
SETTINGS = {"retry_total": 2, "retry_backoff_factor": 0, "max_body_bytes": LIMIT, "read_timeout": 300}
COLUMNS = ("tried", "right", "wrong", "lost", "repeated", "leaked", "hung", "noise")


class Updates(list):
    """The texts of a stream as they came, and what ended it."""

    error = None


async def _result(of):
    return await of if inspect.isawaitable(of) else of


async def complete(client):
    return await _result(client.complete(messages=MESSAGES))


async def stream(client):
    updates, answer = Updates(), await _result(client.complete(messages=MESSAGES, stream=True))
    try:
        while True:
            found = await anext(answer) if hasattr(answer, "__anext__") else next(answer, None)
            if found is None:
                return updates
            updates += [choice.delta.content for choice in found.choices if choice.delta.content]
    except StopAsyncIteration:
        return updates
    except AzureError as error:
        updates.error = error
        return updates


async def embed(client):
    return await _result(client.embed(input=["a"]))


async def get_model_info(client):
    return await _result(client.get_model_info())


async def send_request(client):
    response = await _result(client.send_request(HttpRequest("POST", "/x", json=PLAIN)))
    response.raise_for_status()
    try:
        return response.json()
    except (ValueError, LookupError, RecursionError):
        return response.content


OPERATIONS = {complete: COMPLETION, stream: TEXTS, embed: EMBEDDINGS, get_model_info: INFO, send_request: PLAIN}


def body_of(operation) -> tuple[bytes, str]:
    """The body of the right answer, and its content type."""
    if operation is stream:
        return STREAM, "text/event-stream"
    return json.dumps(OPERATIONS[operation]).encode(), "application/json"


class FirstIsShort(SansIOHTTPPolicy):
    """Gives the first attempt alone little time for each read."""

    def __init__(self, seconds):
        self.timeouts = iter([seconds])

    def on_request(self, request):
        request.context.options["read_timeout"] = next(self.timeouts, SETTINGS["read_timeout"])


class Noise(logging.Handler):
    """Everything that is said while it listens: warnings, lines on stderr, records of the log."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record):
        self.heard.append(record.getMessage())

    @contextlib.contextmanager
    def listen(self) -> Iterator[list[str]]:
        hooks = sys.unraisablehook, threading.excepthook, sys.stderr
        sys.unraisablehook = threading.excepthook = lambda what: self.heard.append(repr(what.exc_value))
        sys.stderr = io.StringIO()
        logging.getLogger().addHandler(self)
        try:
            yield self.heard
            gc.collect()
            self.heard += sys.stderr.getvalue().splitlines()
        finally:
            logging.getLogger().removeHandler(self)
            sys.unraisablehook, threading.excepthook, sys.stderr = hooks


def _client(mode, operation, fault, url):
    settings = {**SETTINGS, **fault.settings}
    first = settings.pop("first_read_timeout", None)
    if first is not None:
        settings["per_retry_policies"] = [FirstIsShort(first)]
    if fault.tls == "trusted":
        settings["connection_verify"] = certificates()[1]
    make = SDKS[mode].EmbeddingsClient if operation is embed else SDKS[mode].ChatCompletionsClient
    return make(url, AzureKeyCredential(KEY), **settings)


async def attempt(mode, operation, fault: Fault) -> list[str]:
    """Try a fault. Returns what is wrong, each with the name of its column first."""
    files, tasks = open_files(), len(asyncio.all_tasks())
    service = Faults(*fault.answers, tls=certificates()[0] if fault.tls else None, greeting=fault.greeting)
    if not fault.answers and not fault.greeting:
        service.stop()
    client = _client(mode, operation, fault, service.url)
    (result,) = await asyncio.gather(operation(client), return_exceptions=True)
    await _result(client.close())
    reached = service.was_reached if fault.tls == "untrusted" or fault.greeting else service.was_asked
    arrived = await asyncio.to_thread(reached, 1 if fault.attempts is None else fault.attempts)
    problems = [] if arrived else ["wrong: too few attempts"]
    if not await asyncio.to_thread(service.all_closed):
        problems.append("leaked: a socket")
    if service.hung:
        problems.append("hung: the service had to end it")
    service.stop()
    await asyncio.sleep(0)
    if len(asyncio.all_tasks()) != tasks:
        problems.append("leaked: a task")
    problems += judge(operation, fault, result, service)
    del result, client
    if open_files() > files and (gc.collect(), open_files())[1] > files:
        problems.append("leaked: a file")
    return problems


async def attempt_quietly(mode, operation, fault: Fault) -> list[str]:
    """Try a fault, as `attempt` does; whatever is said meanwhile is wrong, too."""
    with Noise().listen() as heard:
        problems = await attempt(mode, operation, fault)
    return problems + [f"noise: {line}" for line in heard]


def open_files() -> int:
    """How many files and sockets this process has; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def judge(operation, fault: Fault, result, service: Faults) -> list[str]:
    """What is wrong with a result, and with what the service got."""
    ends = fault.ends if isinstance(fault.ends, tuple) else (fault.ends,)
    classes = tuple(end for end in ends if end is not ANSWER)
    error = result if isinstance(result, Exception) else getattr(result, "error", None)
    problems = []
    if error is None and not _is_right(operation, fault, result, ends):
        problems.append(f"lost: {result!r}")
    if error is not None and not (isinstance(error, classes) and str(error)):
        problems.append(f"wrong: {error!r}")
    if isinstance(error, (ServiceRequestError, ServiceResponseError)) and not isinstance(
        error, ServiceResponseTimeoutError
    ):  # these may be sent again, by whoever gets them
        problems += ["wrong: it says that no answer had begun"] * (fault.attempts == 1 and not _is_unsent(fault))
    if isinstance(result, Updates) and result != TEXTS[: len(result)]:
        problems.append(f"lost: {result}")
    sent = service.connections if _is_unsent(fault) else len(service.requests)
    if fault.attempts is not None and sent != fault.attempts:
        problems.append(f"repeated: {sent} attempts, not {fault.attempts}")
    if operation is not get_model_info and len({request.partition(b"\r\n\r\n")[2] for request in service.requests}) > 1:
        problems.append("wrong: another body was sent")
    if fault.hides_key and any(KEY.encode() in request for request in service.requests[1:]):
        problems.append("wrong: another host got the key")
    return problems


def _is_unsent(fault: Fault) -> bool:
    return bool(fault.greeting) or fault.tls == "untrusted" or fault.attempts == 0


def _is_right(operation, fault, result, ends) -> bool:
    if operation is send_request and fault.is_valid_http:
        return True
    if result != OPERATIONS[operation]:
        return operation is send_request and ANSWER in ends  # its caller reads what it got
    if ANSWER in ends:
        return True
    return operation is stream  # [DONE] was there, and nothing more is needed


def cases(operation, fraction: int = 1) -> Iterator[Fault]:
    """Every fault for an operation, and one of so many that break it at a byte."""
    yield from faults(*body_of(operation))
    yield from cuts(*body_of(operation), fraction)


async def try_all(mode: str, only: str, fraction: int) -> tuple[Counter, list[str]]:
    """Try every case; return the counts for the table, and what was wrong."""
    counts, found = Counter(), []
    asyncio.get_running_loop().slow_callback_duration = 1000  # how busy the machine is does not matter
    for operation in OPERATIONS:
        for fault in cases(operation, fraction):
            name = f"{mode} {operation.__name__}: {fault.name}"
            if only not in name:
                continue
            problems = await attempt_quietly(mode, operation, fault)
            counts.update(["tried", *({problem.partition(":")[0] for problem in problems} or ["right"])])
            found += [f"{name}: {problem}" for problem in problems]
    return counts, found


def main() -> int:
    """Print the table. Python is started with `-X dev -W error`, and must say nothing when it ends."""
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--only", default="", help="a part of the names of the cases to try")
    parser.add_argument("--fraction", type=int, default=1, help="try one of so many of the bytes")
    options = parser.parse_args()
    if not sys.flags.dev_mode:
        command = [sys.executable, "-X", "dev", "-W", "error", "-m", "tests.faults", *sys.argv[1:]]
        ran = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, cwd=Path(__file__).parents[1])
        sys.stderr.write(ran.stderr)
        return ran.returncode or bool(ran.stderr)
    gc.collect()
    gc.freeze()
    began, all_found = time.monotonic(), []
    print("".join(f"{column:>10}" for column in ("", *COLUMNS)))
    for mode in SDKS:
        threads = threading.active_count()
        counts, found = asyncio.run(try_all(mode, options.only, options.fraction))
        if threading.active_count() != threads:
            found.append(f"{mode}: leaked: {threading.enumerate()}")
            counts["leaked"] += 1
        print(f"{mode:>10}" + "".join(f"{counts[column]:>10}" for column in COLUMNS), flush=True)
        all_found += found
    print("\n".join([*all_found, f"{time.monotonic() - began:.0f} s"]))
    return bool(all_found)
