"""Bounded reading of the bodies of aiohttp. Importing this module requires aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from azure.core.exceptions import AzureError

from ._deadline import earlier, seconds_until, time_after
from ._decoding import Decoder
from ._failures import FIRST_ERROR_STATUS, MAX_ERROR_BODY_BYTES, body_error, is_transport_error, too_long


class Body:
    """Reads the body of a response of aiohttp.

    aiohttp drops its timer when its parser fails or the program closes the connection, and whoever waits for the body
    would then wait forever. So each wait has a timer of its own. When it runs out, the body fails, not the task: no
    cancellation can be mistaken for another one.

    :param response: The response of azure-core.
    :param limit: How many bytes the body may have, decompressed.
    :param read_timeout: Seconds that each wait may take; None for no limit.
    :param end: The time of `time.monotonic` at which the call must be complete; None if it has no timeout.
    :keyword is_decoded: Whether aiohttp decompresses the body.
    """

    def __init__(
        self, response: Any, limit: int, read_timeout: float | None, end: float | None, *, is_decoded: bool
    ) -> None:
        internal = response.internal_response
        self._response = response
        self._internal = internal
        self._expect_more: Any = getattr(internal, "expect_more", None)  # absent with a session of the user
        self._limit = limit
        self._read_timeout = read_timeout
        self._end = end
        self._encoding: str = "" if is_decoded else internal.headers.get("Content-Encoding", "")
        self._is_error = internal.status >= FIRST_ERROR_STATUS
        if self._is_error:  # a whole error body may take as long as one read: its status says more than the rest of it
            self._end = earlier(end, time_after(read_timeout))
        self._decoder: Decoder | None = None
        self._decoded: Iterator[bytes] = iter(())
        self.received = 0
        """How many bytes were returned."""

    def bound(self, end: float | None) -> None:
        """Set the time of `time.monotonic` at which reading ends; None leaves `read_timeout` for each read."""
        if not self._is_error:
            self._end = end

    @property
    def is_over(self) -> bool:
        """Whether all bytes of the body have arrived and were read: one more read would return none."""
        return not self._encoding and bool(self._internal.content.at_eof())

    async def read(self, *, decompress: bool = True) -> bytes:
        """Return the next bytes; empty at the end of the body.

        :raises azure.core.exceptions.AzureError: The connection broke, no bytes arrived in time, the body cannot be
            decompressed, or it is too long.
        """
        try:
            data = await (self._decode() if decompress and self._encoding else self._receive())
        except Exception as error:
            if not is_transport_error(error):
                raise
            raise body_error(error, self._response, self.received) from error
        self.received += len(data)
        if self.received > self._limit:
            raise too_long(self._limit, self._response)
        return data

    async def pieces(self, *, decompress: bool = True) -> AsyncIterator[bytes]:
        """Yield the rest of the body. An error body is read as far as possible.

        :raises azure.core.exceptions.AzureError: As `read` does.
        """
        try:
            while not self.is_over and (data := await self.read(decompress=decompress)):
                yield data
                if self._is_error and self.received >= MAX_ERROR_BODY_BYTES:
                    break
        except AzureError:
            if not self._is_error:
                raise

    async def rest(self) -> bytes:
        """Return the rest of the body, as `pieces` yields it."""
        return b"".join([data async for data in self.pieces()])

    async def _decode(self) -> bytes:
        if self._decoder is None:
            self._decoder = Decoder(self._encoding)
        while True:
            data = next(filter(None, self._decoded), b"")
            if data:
                return data
            received = await self._receive()
            if not received:
                self._decoder.finish()
                return b""
            self._decoded = self._decoder.decode(received)

    async def _receive(self) -> bytes:
        content = self._internal.content
        if getattr(content, "_buffer", None):  # what arrived before the connection broke: `readany` would not return it
            arrived: bytes = content._read_nowait(-1)
            return arrived
        if self._expect_more is not None:
            self._expect_more()
        seconds = earlier(self._read_timeout, seconds_until(self._end))
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        if seconds is None or content.at_eof():
            data: bytes = await content.readany()
            return data
        timer = asyncio.get_running_loop().call_later(seconds, content.set_exception, asyncio.TimeoutError())
        try:
            data = await content.readany()
        finally:
            timer.cancel()
        return data

    def interrupt(self) -> None:
        """End a read that another task is waiting in."""
        self._internal.content.set_exception(ConnectionAbortedError("The response was closed."))
