"""A service on a raw socket that breaks, stalls, lies or never ends, at any byte of its answer.

An answer is a list of steps: bytes are sent as they are, a function is called with the connection. Nothing here waits
for time to pass: what stalls waits until the client has gone.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

TIMEOUT = 60
"""Seconds that nothing waits for unless a test fails."""
CHUNK = 65_536

Step: TypeAlias = "bytes | Callable[[Connection], object]"


class Connection:
    """A connection to a client."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
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


class End(Exception):  # noqa: N818
    """The connection is over."""


def close(connection: Connection) -> None:
    """Close the connection where the client expects more."""
    raise End


def reset(connection: Connection) -> None:
    """Break the connection, as a crash does."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise End


def stall(connection: Connection) -> None:
    """Say nothing more, until the client goes."""
    while not connection.has_gone(TIMEOUT):
        raise AssertionError("the client waits for ever")
    raise End


def flood(data: bytes) -> Callable[[Connection], None]:
    """Send the same without end, as fast as it is taken."""
    many = data * (CHUNK // len(data) + 1)

    def send(connection: Connection) -> None:
        while True:
            connection.socket.sendall(many)

    return send


def drip(data: bytes) -> Callable[[Connection], None]:
    """Send the same without end, so slowly that no wait is long, until the client goes."""

    def send(connection: Connection) -> None:
        while not connection.has_gone(0.02):
            connection.socket.sendall(data)
        raise End

    return send


class Faults:
    """The service. Each request gets the next answer; the last one is given for all that follow."""

    def __init__(self, *answers: Iterable[Step]) -> None:
        self.answers = [list(answer) for answer in answers]
        self.requests: list[bytes] = []
        self._idle = threading.Condition()
        self._open = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._count(1)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        try:
            with contextlib.suppress(End, OSError):
                while (request := connection.receive()) is not None:
                    for step in self._answer_to(request):
                        if callable(step):
                            step(connection)
                        else:
                            sock.sendall(step)
        finally:
            sock.close()
            self._count(-1)

    def _answer_to(self, request: bytes) -> list[Step]:
        with self._idle:
            self.requests.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _count(self, change: int) -> None:
        with self._idle:
            self._open += change
            self._idle.notify_all()

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


def bomb(size: int) -> bytes:
    """So many spaces, compressed."""
    compressor, piece = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS), b" " * (1 << 20)
    return b"".join(compressor.compress(piece) for _ in range(size >> 20)) + compressor.flush()
