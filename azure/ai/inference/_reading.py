"""The body of a response, read as it arrives."""

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
    """Hands on the bytes of a body without waiting for more than have arrived.

    The transport of azure-core collects 4,096 bytes of a body that is not chunked, so urllib3 is read directly where
    it is there: chunk by chunk, or what has arrived. Any other transport is read through `iter_bytes`.
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
        """Return the next bytes; none at the end of the body.

        :raises ~azure.core.exceptions.AzureError: The connection broke, or nothing came in time.
        """
        try:
            if self._pieces is not None:
                return next(filter(None, self._pieces), b"")
            data: bytes = self._raw.read1(READ_BYTES, decode_content=True)
        except Exception as error:
            mapped = None if self._raw is None else _mapped(error, self._response)
            if mapped is None:
                raise
            raise mapped from error
        return data

    def drain(self) -> None:
        """Read the little that may follow the answer, for the connection to be used again; give up soon if it waits."""
        socket = getattr(getattr(self._raw, "connection", None), "sock", None)
        if socket is None:  # the connection is not to be used again
            return
        deadline, left = time.monotonic() + DRAIN_SECONDS, DRAIN_BYTES
        with contextlib.suppress(AzureError):
            while left > 0 and (seconds := deadline - time.monotonic()) > 0:
                socket.settimeout(seconds)
                data = self.read()
                if not data:
                    break
                left -= len(data)

    def close(self) -> None:
        """Release the connection."""
        self._response.close()

    def __del__(self) -> None:
        self.close()


def socket_of(response: HttpResponse) -> Any:
    """The socket that a response is read from; None where it cannot be seen."""
    found: Any = _urllib3_body(response)
    for name in ("_fp", "fp", "raw", "_sock"):  # urllib3, http.client, a buffer, a file
        found = getattr(found, name, None)
    return found


def _urllib3_body(response: HttpResponse) -> Any:
    raw = getattr(getattr(response, "internal_response", None), "raw", None)
    urllib3 = sys.modules.get("urllib3")
    can_be_read = urllib3 is not None and isinstance(raw, urllib3.HTTPResponse) and hasattr(raw, "read1")
    return raw if can_be_read else None


def _mapped(error: Exception, response: HttpResponse) -> AzureError | None:
    """The exception of azure-core for one of urllib3; None for any other."""
    from urllib3 import exceptions

    if isinstance(error, exceptions.ReadTimeoutError):
        return ServiceResponseTimeoutError(error, error=error)
    if isinstance(error, exceptions.DecodeError):
        return DecodeError(error, response=response, error=error)
    if isinstance(error, exceptions.ProtocolError):
        return IncompleteReadError(error, response=response, error=error)
    return ServiceResponseError(error, error=error) if isinstance(error, (exceptions.HTTPError, OSError)) else None
