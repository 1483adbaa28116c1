"""Connections and responses of aiohttp with limits of time and size. Importing this module requires aiohttp.

aiohttp starts its timer again for each interim response (100 Continue), does not bound interim responses, chunk
extensions and trailers, and forgets the body, with whoever waits for it, when its parser fails. Both classes here are
given to it in place of its own.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from ._body_async import Body
from ._deadline import ENDLESS, OVERHEAD_BYTES, earlier, seconds_until


class Exchange:
    """One request of a call and its response, seen from the connection.

    :param read_timeout: Seconds that the response headers may take; None for no limit.
    :param end: The time of `time.monotonic` at which the call must be complete; None if it has no timeout.
    """

    def __init__(self, read_timeout: float | None, end: float | None) -> None:
        self.read_timeout = read_timeout
        self.end = end
        self._connection: Connection | None = None
        self._received_before = 0

    @property
    def is_connected(self) -> bool:
        """Whether there was a connection over which the request could be sent."""
        return self._connection is not None

    @property
    def received(self) -> int:
        """How many bytes of the response have arrived."""
        return 0 if self._connection is None else self._connection.received - self._received_before

    def begin(self, connection: Connection) -> None:
        """Take note of the connection over which the request is sent."""
        self._connection = connection
        self._received_before = connection.received


current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange_async", default=None)


class Connection(ResponseHandler):
    """A connection that counts the bytes that arrive, and fails the body when it is lost."""

    received = 0
    body: Any = None
    """The body that is being read."""
    response: Callable[[], ClientResponse | None] | None = None
    """A weak reference to the response that is being read."""
    _allowed = OVERHEAD_BYTES

    def expect_more(self) -> None:
        """Let OVERHEAD_BYTES arrive before the end of the headers, or before the next piece of a body."""
        self._allowed = self.received + OVERHEAD_BYTES

    def data_received(self, data: bytes) -> None:
        """Count and parse bytes."""
        self.received += len(data)
        super().data_received(data)
        if self.received > self._allowed and not getattr(self.body, "_buffer", None):
            self._give_up()

    def close_response(self) -> ClientResponse | None:
        """Close the response that is being read, and return it: aiohttp warns of one that nobody closed."""
        response = None if self.response is None else self.response()
        if response is not None:
            response.close()
        return response

    def _give_up(self) -> None:
        error = aiohttp.ClientPayloadError(ENDLESS)
        self.set_exception(error)
        if self.body is not None:
            self.body.set_exception(error)
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail the body, unless it is complete."""
        super().connection_lost(exc)
        body = self.body
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("the connection was lost"))


class ClientResponse(aiohttp.ClientResponse):
    """A response whose headers must arrive in time, and whose body is read within its limits."""

    body_reader: Body | None = None
    """What reads the body, as soon as azure-core has made a response of this one."""
    _connection_used: Connection
    """The connection, also after it was returned to the pool."""
    _head_timer: asyncio.TimerHandle | None = None

    def expect_more(self) -> None:
        """Let OVERHEAD_BYTES arrive before the next piece of the body."""
        self._connection_used.expect_more()

    async def start(self, connection: Any) -> Any:
        """Read the headers, with all interim responses before them."""
        self._connection_used = used = connection.protocol
        used.body, used.response = None, weakref.ref(self)
        used.expect_more()
        exchange = current_exchange.get()
        if exchange is not None:
            exchange.begin(used)
            self._start_timer(used, exchange, earlier(exchange.read_timeout, seconds_until(exchange.end)))
        try:
            started = await super().start(connection)
        finally:
            if self._head_timer is not None:
                self._head_timer.cancel()
        used.body = self.content
        return started

    def _start_timer(self, used: Connection, exchange: Exchange, seconds: float | None) -> None:
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._head_timer = loop.call_later(seconds, self._end_wait, used, exchange, _unsent(used))

    def _end_wait(self, used: Connection, exchange: Exchange, unsent_before: int) -> None:
        """Fail the connection, or go on waiting while a large request is still being sent."""
        left, unsent = seconds_until(exchange.end), _unsent(used)
        if unsent and unsent != unsent_before and (left is None or left > 0):
            self._start_timer(used, exchange, earlier(exchange.read_timeout, left))
        else:
            used.set_exception(asyncio.TimeoutError())

    async def read(self) -> bytes:
        """Read the body. azure-core calls this for a response that was not read."""
        if self.body_reader is None:
            return await super().read()
        if self._body is None:
            self._body = await self.body_reader.rest()
        if self.content.at_eof():
            return await super().read()  # this waits until the connection can be kept
        return self._body  # an error body that was not read to its end: the response closes its connection


def _unsent(connection: Connection) -> int:
    """How many bytes of the request have not been handed to the operating system yet."""
    return 0 if connection.transport is None else connection.transport.get_write_buffer_size()


async def body_pieces(response: Any, pipeline: Any, *, decompress: bool = True) -> AsyncIterator[bytes]:
    """Yield a body in place of the generator of azure-core, which has no limit, and logs what it raises."""
    del pipeline  # part of the interface
    body: Body = response.internal_response.body_reader
    async for data in body.pieces(decompress=decompress):
        yield data
