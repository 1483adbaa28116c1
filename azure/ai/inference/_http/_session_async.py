"""Sessions of aiohttp that end with their event loop. Importing this module requires aiohttp."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Any

import aiohttp

from ._response_async import ClientResponse, Connection


class LoopSession:
    """A session for one event loop, which closes its connections when the loop ends.

    Connections belong to the event loop in which they were opened, and `asyncio.run` does not close them. But it closes
    asynchronous generators that are still running: a generator that is suspended at a `yield` can close the connections
    while the loop still runs. asyncio and uvloop do this, and so does every caller of `loop.shutdown_asyncgens`.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._connector = aiohttp.TCPConnector(limit=0)
        connector: Any = self._connector  # there is no public way to choose the class of its connections
        connector._factory = functools.partial(Connection, loop=self.loop)
        self.session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=ClientResponse,
        )
        # aiohttp retries a GET itself, whatever had arrived. Older versions do not, and warn of unknown attributes.
        for name in {"_retry_connection"} & vars(self.session).keys():
            setattr(self.session, name, False)
        self._closer = _close_at_end(self._connector)

    @classmethod
    async def open(cls) -> LoopSession:
        """Make a session for the running event loop."""
        made = cls()
        await anext(made._closer)
        return made

    def abandon(self) -> None:
        """Close the connections without awaiting, from any thread, whether the loop is running, stopped or closed."""
        self.session.detach()
        if self.loop is not running_loop() and self.loop.is_running():
            self.loop.call_soon_threadsafe(self._close)
        else:
            self._close()

    def _close(self) -> None:
        with suppress(StopIteration):  # the generator ends without awaiting anything
            self._closer.aclose().__await__().__next__()

    def close_responses(self) -> None:
        """End whoever reads a response."""
        for connection in _connections(self._connector):
            connection.close_response()

    def descriptors(self) -> Iterator[int]:
        """The file descriptors of the connections."""
        for connection in _connections(self._connector):
            yield connection.transport.get_extra_info("socket").fileno()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that is running in this thread; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _close_at_end(connector: Any) -> AsyncGenerator[None, None]:
    process = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == process:  # a forked child has dropped the connections
            _close_connections(connector)


def _close_connections(connector: Any) -> None:
    responses = []
    for connection in _connections(connector):
        transport = connection.transport
        responses.append(connection.close_response())
        with suppress(RuntimeError):  # the loop is closed: what it would do later is done below
            transport.abort()
        if connector._loop.is_closed():
            below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None) or transport
            with suppress(AttributeError, RuntimeError):  # uvloop has closed its sockets itself
                below._call_connection_lost(None)
    connector._close()  # the public method must be awaited, which is not always possible
    for response in responses:
        if (
            response is not None and response.connection is not None
        ):  # responses of a closed loop keep it, with a warning
            response.connection.close()


def _connections(connector: Any) -> list[Any]:
    """The connections of a connector, in use and idle."""
    idle = [protocol for connections in connector._conns.values() for protocol, _ in connections]
    return [found for found in (*connector._acquired, *idle) if found.transport is not None]
