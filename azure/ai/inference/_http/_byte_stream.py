"""Unbuffered reading of response bodies, sync."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    IncompleteReadError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import HttpResponse

READ_BYTES = 65_536
DRAIN_BYTES = 65_536
DRAIN_SECONDS = 0.1


class ByteStream:
    """Reads a response body unbuffered: each read returns as soon as any bytes are available.

    azure-core buffers 4,096 bytes of a body without chunked encoding before it returns any, so the body is read from
    urllib3 directly: chunk by chunk, or as much as is available. With other transports it is read with `iter_bytes`.
    """

    def __init__(self, response: HttpResponse) -> None:
        self._response = response
        self._raw: Any = _urllib3_body(response)
        self._pieces: Iterator[bytes] | None = None
        if self._raw is None:
            self._pieces = response.iter_bytes()
        elif self._raw.chunked and self._raw.supports_chunked_reads():
            self._pieces = self._raw.read_chunked(READ_BYTES, decode_content=True)

    def read(self) -> bytes:
        """Return the next bytes; empty at the end of the body.

        :raises ~azure.core.exceptions.AzureError: The connection broke, or no bytes arrived in time.
        """
        try:
            if self._pieces is not None:
                return next(filter(None, self._pieces), b"")
            data: bytes = self._raw.read1(READ_BYTES, decode_content=True)
        except Exception as error:
            azure_error = None if self._raw is None else _as_azure_error(error, self._response)
            if azure_error is None:
                raise
            raise azure_error from error
        return data

    def drain(self) -> None:
        """Read the rest of the body so that the connection returns to the pool.

        Gives up after DRAIN_SECONDS or DRAIN_BYTES.
        """
        socket = getattr(getattr(self._raw, "connection", None), "sock", None)
        if socket is None:  # already released or closed, or not from urllib3: nothing to drain
            return
        deadline, left = time.monotonic() + DRAIN_SECONDS, DRAIN_BYTES
        with contextlib.suppress(AzureError):
            while left > 0 and (seconds := deadline - time.monotonic()) > 0:
                socket.settimeout(seconds)
                data = self.read()
                if not data:
                    break
                left -= len(data)

    def interrupt(self) -> None:
        """End a read that another thread is waiting in. To close the socket would wait for it."""
        if self._raw is not None:
            with contextlib.suppress(AttributeError, OSError, RuntimeError, ValueError):  # urllib3 2.2, or nobody waits
                self._raw.shutdown()

    def close(self) -> None:
        """Release the connection."""
        self._response.close()

    def __del__(self) -> None:
        if "_response" in vars(self):  # else it is half of a copy that failed
            self.close()


def read_body(response: HttpResponse) -> bytes:
    """Read and decompress a whole body.

    :raises ~azure.core.exceptions.AzureError: The connection broke, or no bytes arrived in time.
    """
    raw = _urllib3_body(response)
    if raw is None:
        return b"".join(response.iter_bytes())
    try:
        return b"".join(raw.stream(READ_BYTES, decode_content=True))
    except Exception as error:
        azure_error = _as_azure_error(error, response)
        if azure_error is None:
            raise
        raise azure_error from error


def _urllib3_body(response: HttpResponse) -> Any:
    raw = getattr(getattr(response, "internal_response", None), "raw", None)
    urllib3 = sys.modules.get("urllib3")
    return raw if urllib3 is not None and isinstance(raw, urllib3.HTTPResponse) else None


def _as_azure_error(error: Exception, response: HttpResponse) -> AzureError | None:
    """Return the azure-core exception for one of urllib3; None for other exceptions."""
    from urllib3 import exceptions

    if isinstance(error, exceptions.ReadTimeoutError):
        return ServiceResponseTimeoutError(error, error=error)
    if isinstance(error, exceptions.DecodeError):
        return DecodeError(error, response=response, error=error)
    if isinstance(error, exceptions.ProtocolError):
        return IncompleteReadError(error, response=response, error=error)
    return ServiceResponseError(error, error=error) if isinstance(error, (exceptions.HTTPError, OSError)) else None
