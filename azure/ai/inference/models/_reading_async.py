"""The body of a response, read as it arrives, awaited."""

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

from .._reading import DRAIN_BYTES, DRAIN_SECONDS


class AsyncByteStream:
    """Hands on the bytes of a body without waiting for more than have arrived.

    A body of aiohttp that is not compressed is read directly, all that has arrived at once. Any other is read through
    `iter_bytes`.
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
        """Return the next bytes; none at the end of the body.

        :raises ~azure.core.exceptions.AzureError: The connection broke, or nothing came in time.
        """
        try:
            if self._pieces is None:
                data: bytes = await self._content.readany()
                return data
            async for piece in self._pieces:
                if piece:
                    return piece
        except Exception as error:
            mapped = _mapped(error, self._response)
            if mapped is None:
                raise
            raise mapped from error
        return b""

    async def drain(self) -> None:
        """Read the little that may follow the answer, for the connection to be used again; give up soon if it waits."""
        import asyncio

        if self._internal is not None:
            with contextlib.suppress(AzureError, asyncio.TimeoutError):
                await asyncio.wait_for(self._read_rest(), DRAIN_SECONDS)

    async def _read_rest(self) -> None:
        left = DRAIN_BYTES
        while left > 0 and (data := await self.read()):
            left -= len(data)

    async def close(self) -> None:
        """Release the connection."""
        await self._response.close()

    def __del__(self) -> None:
        if self._internal is not None:
            self._internal.close()


def _mapped(error: Exception, response: AsyncHttpResponse) -> AzureError | None:
    """The exception of azure-core for one of aiohttp or zlib; None for any other."""
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
