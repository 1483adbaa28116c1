"""Unbuffered and bounded reading of response bodies, async."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError
from azure.core.rest import AsyncHttpResponse

from ._byte_stream import DRAIN_BYTES, DRAIN_SECONDS
from ._deadline import time_after
from ._failures import body_error, is_transport_error

if TYPE_CHECKING:
    from ._body_async import Body


class AsyncByteStream:
    """Reads a response body unbuffered: each read returns as soon as any bytes are available.

    A response of our own transport has a `Body`. Any other one is read with `iter_bytes`.
    """

    def __init__(self, response: AsyncHttpResponse) -> None:
        self._response = response
        self._internal: Any = getattr(response, "internal_response", None)
        self._body: Body | None = getattr(self._internal, "body_reader", None)
        self._pieces = response.iter_bytes()  # a generator: nothing is read before it is asked
        self._received = 0

    async def read(self) -> bytes:
        """Return the next bytes; empty at the end of the body.

        :raises azure.core.exceptions.AzureError: The connection broke, no bytes arrived in time, the body cannot be
            decompressed, or it is too long.
        """
        if self._body is not None:
            return await self._body.read()
        try:
            async for piece in self._pieces:
                if piece:
                    self._received += len(piece)
                    return piece
        except Exception as error:
            if isinstance(error, AzureError) or not is_transport_error(error):
                raise
            raise body_error(error, self._response, self._received) from error
        return b""

    async def drain(self) -> None:
        """Read the rest of the body so that the connection returns to the pool.

        Gives up after DRAIN_SECONDS or DRAIN_BYTES.
        """
        body, left = self._body, DRAIN_BYTES
        if body is not None:
            body.bound(time_after(DRAIN_SECONDS))
            with suppress(AzureError):
                while left > 0 and (data := await body.read()):
                    left -= len(data)

    def interrupt(self) -> None:
        """End a read that another task is waiting in. aiohttp does not where it closes a chunked body."""
        if self._body is not None:
            self._body.interrupt()

    async def close(self) -> None:
        """Release the connection."""
        await self._response.close()

    def __del__(self) -> None:
        internal: Any = vars(self).get("_internal")  # absent from half of a copy that failed
        aiohttp = sys.modules.get("aiohttp")
        if aiohttp is not None and isinstance(internal, aiohttp.ClientResponse):
            internal.close()


async def read_rest(response: AsyncHttpResponse) -> None:
    """Read a body that was left to be read. azure-core before 1.33 does not map all errors of aiohttp.

    :raises azure.core.exceptions.AzureError: The connection broke, or no bytes arrived in time.
    """
    try:
        await response.read()
    except Exception as error:
        if isinstance(error, AzureError) or not is_transport_error(error):
            raise
        raise body_error(error, response, 0) from error
