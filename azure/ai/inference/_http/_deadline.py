"""The deadline of a sync call: `timeout` bounds connecting, the response headers and a body that is not streamed.

A socket timeout bounds each read, not all of them together: a service that sends one byte per second never exceeds it.
So the socket timeout is set to the time that is left for the call before every read. `_BoundedReader` does this between
http.client and the socket: there it covers headers, chunk sizes, body and trailers. A policy could cover the chunks of
the body only.
"""

from __future__ import annotations

import io
import socket
import time
from contextvars import ContextVar
from http.client import HTTPResponse as SocketResponse
from typing import Any

from azure.core.exceptions import ServiceRequestTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse


class Deadline:
    """The time at which a call must be complete, and the socket whose reads it bounds.

    :param end: The time of `time.monotonic` at which the call ends.
    :param read_timeout: Seconds that each read may take after the deadline has been lifted.
    """

    def __init__(self, end: float, read_timeout: float | None) -> None:
        self._end: float | None = end
        self._read_timeout = read_timeout
        self._socket: socket.socket | None = None

    def attach(self, connected: socket.socket) -> None:
        """Bound the reads of a socket."""
        self._socket = connected

    def bound_next_wait(self) -> None:
        """Set the socket timeout to the time that is left.

        :raises TimeoutError: No time is left.
        """
        if self._end is None or self._socket is None:
            return
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The call timed out before the response was complete.")
        self._socket.settimeout(left)

    def lift(self) -> None:
        """End the deadline when a stream starts: from then on, `read_timeout` bounds each read."""
        self._end = None
        if self._socket is not None:
            self._socket.settimeout(self._read_timeout)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class _BoundedReader(io.RawIOBase):
    """Reads a socket until the deadline of the call."""

    def __init__(self, raw: io.RawIOBase, deadline: Deadline) -> None:
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._deadline.bound_next_wait()
        count: int | None = self._raw.readinto(buffer)
        self._deadline.bound_next_wait()  # the time may be up now
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class BoundedResponse(SocketResponse):
    """A response of http.client whose reads are bounded by the deadline of the current call, if there is one."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = _current.get()
        if deadline is not None:
            deadline.attach(sock)
            self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), deadline))


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
        defaults = getattr(request.context.transport, "connection_config", None)
        read_timeout = given.get("read_timeout", getattr(defaults, "read_timeout", left))
        connection_timeout = given.get("connection_timeout", getattr(defaults, "timeout", left))
        request.context.options = {
            **given,
            "connection_timeout": min(connection_timeout, left),
            "read_timeout": min(read_timeout, left),
        }
        deadline = Deadline(end, read_timeout)
        token = _current.set(deadline)
        try:
            response = self.next.send(request)
        finally:
            _current.reset(token)
            request.context.options = given
        if given.get("stream"):
            deadline.lift()
        return response
