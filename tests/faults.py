"""A service on a raw socket that breaks, stalls, lies or never ends, at any byte of its answer.

An answer is a list of steps: bytes are sent as they are, a function is called with the connection. Nothing here waits
for time to pass: what stalls waits until the client has gone.

`python -m tests.faults` tries every fault of `fault_matrix.py` and prints a table.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeAlias

TIMEOUT = 60
"""Seconds that nothing waits for unless a test fails."""
CHUNK = 65_536


class Connection:
    """A connection to a client."""

    def __init__(self, sock: socket.socket, service: Faults) -> None:
        self.socket = sock
        self.service = service
        self.socket.settimeout(TIMEOUT)
        self._arrived = b""

    def receive(self) -> bytes | None:
        """The next request, whole; None where the client has gone."""
        while b"\r\n\r\n" not in self._arrived:
            if not self._receive_more():
                return None
        head, _, rest = self._arrived.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        while len(rest) < length:
            if not self._receive_more():
                return None
            rest = self._arrived.partition(b"\r\n\r\n")[2]
        self._arrived = rest[length:]
        return head + b"\r\n\r\n" + rest[:length]

    def _receive_more(self) -> bool:
        data = self.socket.recv(CHUNK)
        self._arrived += data
        return bool(data)

    def has_gone(self, seconds: float) -> bool:
        """Whether the client goes within so many seconds."""
        self.socket.settimeout(seconds)
        try:
            return not self.socket.recv(CHUNK)
        except TimeoutError:
            return False

    def give_up(self) -> None:
        """Take note that the client waits forever."""
        self.service.hung = True
        raise EndedError


Step: TypeAlias = "bytes | Callable[[Connection], object]"


class EndedError(Exception):
    """The connection is over."""


def close(connection: Connection) -> None:
    """Close the connection where the client expects more."""
    raise EndedError


def reset(connection: Connection) -> None:
    """Break the connection, as a crash does."""
    if sys.platform == "linux":  # elsewhere what was sent before is lost with it, and the request may be sent again
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise EndedError


def stall(connection: Connection) -> None:
    """Say nothing more, until the client goes."""
    if connection.has_gone(TIMEOUT):
        raise EndedError
    connection.give_up()


def flood(data: bytes, times: int = 10**9) -> Callable[[Connection], None]:
    """Send the same again and again, as fast as it is taken."""
    many = data * (CHUNK // len(data) + 1)

    def send(connection: Connection) -> None:
        end = time.monotonic() + TIMEOUT
        for _ in range(times):
            connection.socket.sendall(many)
            if time.monotonic() > end:
                connection.give_up()

    return send


def drip(data: bytes) -> Callable[[Connection], None]:
    """Send the same without end, so slowly that no wait is long, until the client goes."""

    def send(connection: Connection) -> None:
        end = time.monotonic() + TIMEOUT
        while not connection.has_gone(0.02):
            connection.socket.sendall(data)
            if time.monotonic() > end:
                connection.give_up()
        raise EndedError

    return send


def redirect(location: str, *headers: str, status: str = "307 Temporary Redirect") -> Callable[[Connection], None]:
    """Send the client to another location, in which PORT stands for the port of the service."""

    def send(connection: Connection) -> None:
        target = location.replace("PORT", str(connection.service.port))
        connection.socket.sendall(head(f"Location: {target}", *(headers or ["Content-Length: 0"]), status=status))

    return send


class Faults:
    """The service. Each request gets the next answer; the last one is given for all that follow.

    :param answers: The answers, as lists of steps.
    :param tls: The server's side of TLS; None for none.
    :param greeting: Steps before the first request, in place of TLS.
    """

    def __init__(
        self, *answers: Iterable[Step], tls: ssl.SSLContext | None = None, greeting: Iterable[Step] = ()
    ) -> None:
        self.answers = [list(answer) for answer in answers]
        self.requests: list[bytes] = []
        self.connections = 0
        self.hung = False
        """Whether a client had to be sent away."""
        self._tls = tls
        self._greeting = list(greeting)
        self._idle = threading.Condition()
        self._open = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls or greeting else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._count(1)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with contextlib.suppress(EndedError, OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    sock.settimeout(TIMEOUT)
                    sock = self._tls.wrap_socket(sock, server_side=True)
                self._answer(Connection(sock, self))
        finally:
            sock.close()
            self._count(-1)

    def _answer(self, connection: Connection) -> None:
        if self._greeting:
            connection.socket.recv(CHUNK)
            self._take(connection, self._greeting)
        while (request := connection.receive()) is not None:
            self._take(connection, self._answer_to(request))

    def _take(self, connection: Connection, steps: list[Step]) -> None:
        for step in steps:
            if callable(step):
                step(connection)
            else:
                connection.socket.sendall(step)

    def _answer_to(self, request: bytes) -> list[Step]:
        with self._idle:
            self.requests.append(request)
            self._idle.notify_all()
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _count(self, change: int) -> None:
        with self._idle:
            self.connections += change > 0
            self._open += change
            self._idle.notify_all()

    def was_asked(self, count: int = 1) -> bool:
        """Wait until so many requests have arrived: their client may be gone already."""
        with self._idle:
            return self._idle.wait_for(lambda: len(self.requests) >= count, TIMEOUT)

    def was_reached(self, count: int = 1) -> bool:
        """Wait until so many connections were made."""
        with self._idle:
            return self._idle.wait_for(lambda: self.connections >= count, TIMEOUT)

    def all_closed(self) -> bool:
        """Wait until no connection is open."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open == 0, TIMEOUT)

    def stop(self) -> None:
        """Accept no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(TIMEOUT)


# Answers in pieces, to be broken anywhere.


def head(*headers: str, status: str = "200 OK", content_type: str = "application/json") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *headers, "", ""]).encode()


def with_length(body: bytes, *headers: str, **more: str) -> bytes:
    return head(f"Content-Length: {len(body)}", *headers, **more) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def in_chunks(*pieces: bytes) -> bytes:
    return b"".join(map(chunk, pieces)) + b"0\r\n\r\n"


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def deflated(data: bytes, *, raw: bool = False) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


@cache
def bomb(size: int) -> bytes:
    """So many spaces, compressed."""
    compressor, piece = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS), b" " * (1 << 20)
    return b"".join(compressor.compress(piece) for _ in range(size >> 20)) + compressor.flush()


if __name__ == "__main__":
    here = Path(__file__).parent
    sys.path[:0] = [str(here), str(here / "data" / "spec")]
    from fault_matrix import main

    sys.exit(main())
