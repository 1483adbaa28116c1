"""The deadline of a sync call: `timeout` bounds connecting, the response headers and a body that is not streamed.

A socket has a timeout for each wait, not for all of them together: a service that sends one byte a second never meets
it. So every read of the socket, the first byte of the headers included, sets the socket's timeout to what is left of
the call. The reader that does so stands between http.client and the socket, where each read of headers, chunk sizes,
body and trailers passes; a policy alone would see the pieces of the body only.
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
    """When a call has to be over, and the socket that it bounds.

    :param end: The time of `time.monotonic` at which the call ends.
    :param read_timeout: Seconds to wait for the next bytes where the deadline is no longer in force.
    """

    def __init__(self, end: float, read_timeout: float | None) -> None:
        self._end: float | None = end
        self._read_timeout = read_timeout
        self._socket: socket.socket | None = None

    def attach(self, connected: socket.socket) -> None:
        """Bound the reads of a socket."""
        self._socket = connected

    def bound_next_wait(self) -> None:
        """Set the timeout of the socket to the seconds that are left.

        :raises TimeoutError: None are left.
        """
        if self._end is None or self._socket is None:
            return
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The call timed out before the response was complete.")
        self._socket.settimeout(left)

    def lift(self) -> None:
        """Bound each wait alone from now on: a stream has begun."""
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
        self._deadline.bound_next_wait()  # this wait may have been the last one
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class BoundedResponse(SocketResponse):
    """The response of http.client, read through the deadline of the call that is being sent by this thread, if any."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = _current.get()
        if deadline is not None:
            deadline.attach(sock)
            self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), deadline))


class DeadlinePolicy(policies.HTTPPolicy[HttpRequest, HttpResponse]):
    """Ends a call whose time is up. The retry policy puts the time into the context as `deadline`.

    With a session or a transport of the user, which make their own connections, each wait is bounded by what was left
    when the request was sent, and not all of them together.
    """

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request within what is left of the time of the call."""
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
