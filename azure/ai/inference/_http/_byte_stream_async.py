"""Unbuffered reading of response bodies, async."""

from __future__ import annotations

import contextlib
import sys
import zlib
from typing import Any

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    IncompleteReadError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import AsyncHttpResponse

from ._byte_stream import DRAIN_BYTES, DRAIN_SECONDS


class AsyncByteStream:
    """Reads a response body unbuffered: each read returns as soon as any bytes are available.

    An uncompressed body is read directly from aiohttp, as much as is available. With compression, or with another
    transport, it is read with `iter_bytes`.
    """

    def __init__(self, response: AsyncHttpResponse) -> None:
        self._response = response
        internal: Any = getattr(response, "internal_response", None)
        aiohttp = sys.modules.get("aiohttp")
        self._internal = internal if aiohttp and isinstance(internal, aiohttp.ClientResponse) else None
        direct = self._internal is not None and "Content-Encoding" not in response.headers
        self._content: Any = internal.content if direct else None
        self._pieces = None if direct else response.iter_bytes()

    async def read(self) -> bytes:
        """Return the next bytes; empty at the end of the body.

        :raises ~azure.core.exceptions.AzureError: The connection broke, or no bytes arrived in time.
        """
        try:
            if self._pieces is None:
                data: bytes = await self._content.readany()
                return data
            async for piece in self._pieces:
                if piece:
                    return piece
        except Exception as error:
            azure_error = _as_azure_error(error, self._response)
            if azure_error is None:
                raise
            raise azure_error from error
        return b""

    async def drain(self) -> None:
        """Read the rest of the body so that the connection returns to the pool.

        Gives up after DRAIN_SECONDS or DRAIN_BYTES.
        """
        import asyncio

        if self._internal is not None:
            with contextlib.suppress(AzureError, asyncio.TimeoutError):
                await asyncio.wait_for(self._read_rest(), DRAIN_SECONDS)

    async def _read_rest(self) -> None:
        left = DRAIN_BYTES
        while left > 0 and (data := await self.read()):
            left -= len(data)

    def interrupt(self) -> None:
        """End a read that another task is waiting in. aiohttp does not where it closes a chunked body."""
        if self._internal is not None:
            self._internal.content.set_exception(ConnectionAbortedError("The response was closed."))

    async def close(self) -> None:
        """Release the connection."""
        await self._response.close()

    def __del__(self) -> None:
        internal = vars(self).get("_internal")  # absent from half of a copy that failed
        if internal is not None:
            internal.close()


async def read_rest(response: AsyncHttpResponse) -> None:
    """Read a body that was left to be read. azure-core before 1.33 does not map all errors of aiohttp.

    :raises ~azure.core.exceptions.AzureError: The connection broke, or no bytes arrived in time.
    """
    try:
        await response.read()
    except Exception as error:
        azure_error = _as_azure_error(error, response)
        if azure_error is None:
            raise
        raise azure_error from error


def _as_azure_error(error: Exception, response: AsyncHttpResponse) -> AzureError | None:
    """Return the azure-core exception for one of aiohttp or zlib; None for other exceptions."""
    import asyncio

    if isinstance(error, asyncio.TimeoutError):
        return ServiceResponseTimeoutError(error, error=error)
    if isinstance(error, zlib.error):
        return DecodeError(error, response=response, error=error)
    aiohttp = sys.modules.get("aiohttp")
    if aiohttp is None or not isinstance(error, aiohttp.ClientError):
        return ServiceResponseError(error, error=error) if isinstance(error, OSError) else None
    if isinstance(error, aiohttp.ClientPayloadError):
        return IncompleteReadError(error, response=response, error=error)
    return ServiceResponseError(error, error=error)
