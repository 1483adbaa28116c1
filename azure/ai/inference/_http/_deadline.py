"""The time limits of a sync call: of the whole call, of the response headers, and of each wait within the body.

A socket timeout bounds each read, not all of them together: a service that sends one byte per second never exceeds it.
So the socket timeout is set to the time that is left before every read. `BoundedReader` does this between http.client
and the socket: there it covers headers, chunk sizes, body and trailers. A policy could cover the chunks of the body
only. The reader also counts the bytes that arrive, which decides whether a request may be sent again.
"""

from __future__ import annotations

import io
import socket
import time
from contextlib import suppress
from contextvars import ContextVar
from http.client import HTTPException
from typing import Any

from azure.core.exceptions import ServiceRequestTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

call_end: ContextVar[float | None] = ContextVar("call_end", default=None)
"""The time of `time.monotonic` at which the call that is being sent must be complete; None if it has no timeout."""
OVERHEAD_BYTES = 1_048_576
"""How many bytes may arrive before the end of the headers, or between two pieces of a body.

http.client, urllib3 and aiohttp do not bound interim responses (100 Continue), chunk extensions and trailers.
"""
ENDLESS = "the overhead before the body, or between its pieces, is too long"
_LATE = "The call timed out before the response was complete."


def earlier(one: float | None, other: float | None) -> float | None:
    """Return the earlier of two times, or the shorter of two durations. None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def time_after(seconds: float | None) -> float | None:
    """Return the time of `time.monotonic` after so many seconds; None for None."""
    return None if seconds is None else time.monotonic() + seconds


def seconds_until(end: float | None) -> float | None:
    """Return the seconds that are left until a time of `time.monotonic`; None for None."""
    return None if end is None else end - time.monotonic()


def is_over(end: float | None) -> bool:
    """Return whether a time of `time.monotonic` has come; False for None."""
    return end is not None and time.monotonic() >= end


class Exchange:
    """One request of a call and its response, seen from the socket.

    :param end: The time of `time.monotonic` at which the call must be complete; None if it has no timeout.
    """

    def __init__(self, end: float | None) -> None:
        self.end = end
        self.reader: BoundedReader | None = None
        """What reads the response from the socket, as soon as there is a connection of our own transport."""

    @property
    def received(self) -> int:
        """How many bytes of the response have arrived."""
        return 0 if self.reader is None else self.reader.received

    def lift(self) -> None:
        """End the deadline when a stream starts: from then on, `read_timeout` bounds each read."""
        if self.reader is not None:
            self.reader.bound(None)

    def bound_error_body(self) -> None:
        """Let a whole error body take as long as one read may: its status says more than the rest of it."""
        if self.reader is not None:
            self.reader.bound(earlier(self.end, time_after(self.reader.read_timeout)))


current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)


class BoundedReader(io.RawIOBase):
    """Reads a socket until a given time.

    :param raw: What reads the socket.
    :param sock: The socket. Its timeout is the one of each read.
    :param end: The time of `time.monotonic` at which the call must be complete; None if it has no timeout.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, end: float | None) -> None:
        self._raw = raw
        self._socket = sock
        self.read_timeout: float | None = sock.gettimeout()
        self._end = earlier(end, time_after(self.read_timeout))  # all headers together may take as long as one read
        self.received = 0
        self.overhead_left = OVERHEAD_BYTES
        """How many bytes may arrive before the next piece of the body, or before the end of the headers."""

    def bound(self, end: float | None) -> None:
        """Set the time of `time.monotonic` at which reading ends; None leaves `read_timeout` for each read."""
        self._end = end
        if end is None:
            self._socket.settimeout(self.read_timeout)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        end = self._end
        if end is not None:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(_LATE)
            self._socket.settimeout(left if self.read_timeout is None else min(left, self.read_timeout))
        count = self._raw.readinto(buffer) or 0
        self.received += count
        self.overhead_left -= count
        if self.overhead_left < 0:
            raise HTTPException(ENDLESS)
        if is_over(end):  # this read may be the last one
            raise TimeoutError(_LATE)
        return count

    def interrupt(self) -> None:
        """End a read that another thread is waiting in."""
        with suppress(OSError, TypeError):  # not connected any more, or the socket of another TLS library
            # Not the method of a TLS socket: it ends TLS, and the other thread would read from the bare socket.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlinePolicy(policies.HTTPPolicy[HttpRequest, HttpResponse]):
    """Applies the deadline of a call, which the retry policy stores in the context as `deadline`.

    With a session or a transport of the user, whose connections are not ours, each read is bounded by the time that was
    left when the request was sent, and not all reads together.
    """

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request within the time that is left for the call."""
        end = request.context.get("deadline")
        if end is None:
            return self.next.send(request)
        left = end - time.monotonic()
        if left <= 0:
            raise ServiceRequestTimeoutError("The call timed out before the request was sent.")
        given = request.context.options
        request.context.options = {**given, **_timeouts_within(left, given, request.context.transport)}
        token = call_end.set(end)
        try:
            return self.next.send(request)
        finally:
            call_end.reset(token)
            request.context.options = given


def _timeouts_within(left: float, given: dict[str, Any], transport: Any) -> dict[str, Any]:
    """Return the timeouts of a request for which so many seconds are left."""
    defaults = getattr(transport, "connection_config", None)
    connecting = given.get("connection_timeout", getattr(defaults, "timeout", None))
    if isinstance(connecting, tuple):  # the form of requests for both timeouts
        return {}
    timeouts: dict[str, Any] = {"connection_timeout": earlier(connecting, left)}
    if not getattr(transport, "bounds_calls", False):
        reading = given.get("read_timeout", getattr(defaults, "read_timeout", None))
        timeouts["read_timeout"] = earlier(reading, left)
    return timeouts
