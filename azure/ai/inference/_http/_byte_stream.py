"""Unbuffered and bounded reading of response bodies, sync."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.rest import HttpResponse

from ._deadline import OVERHEAD_BYTES, BoundedReader
from ._decoding import Decoder
from ._failures import (
    FIRST_ERROR_STATUS,
    MAX_BODY_BYTES,
    MAX_ERROR_BODY_BYTES,
    body_error,
    is_transport_error,
    too_long,
)

READ_BYTES = 65_536
WHOLE_READ_BYTES = 1_048_576
DRAIN_BYTES = 65_536
DRAIN_SECONDS = 0.1


class BodyReader:
    """Reads a response body unbuffered: each read returns as soon as any bytes are available.

    azure-core buffers 4,096 bytes of a body without chunked encoding before it returns any, so the body is read from
    urllib3 directly: chunk by chunk, or as much as is available. With other transports it is read with `iter_bytes`.

    :param response: The response. Its `max_body_bytes`, if it has one, limits the body.
    :keyword decompress: Whether to decompress the body.
    :keyword waits: Whether a read may wait for more bytes after the first ones: the whole body is wanted.
    """

    def __init__(self, response: HttpResponse, *, decompress: bool = True, waits: bool = False) -> None:
        self._response = response
        self._limit: int = getattr(response, "max_body_bytes", MAX_BODY_BYTES)
        self.received = 0
        """How many bytes were returned."""
        self._raw: Any = _urllib3_body(response)
        self._reader: BoundedReader | None = getattr(getattr(self._raw, "_original_response", None), "reader", None)
        self._encoding = ""
        """The content encoding to decompress."""
        self._decoder: Decoder | None = None
        self._decoded: Iterator[bytes] = iter(())
        self._next_bytes: Callable[[], bytes] = self._choose_source(decompress, waits)

    def _choose_source(self, decompress: bool, waits: bool) -> Callable[[], bytes]:
        raw = self._raw
        if raw is None:
            return partial(next, filter(None, self._response.iter_bytes()), b"")
        encoding = raw.headers.get("Content-Encoding", "")
        is_ours = "gzip" in encoding or "deflate" in encoding
        if decompress and is_ours:
            self._encoding = encoding
        by_urllib3 = decompress and not is_ours  # an encoding that the user asked for in a header
        if raw.chunked and raw.supports_chunked_reads():
            return partial(next, filter(None, raw.read_chunked(READ_BYTES, decode_content=by_urllib3)), b"")
        if waits:
            return partial(raw.read, WHOLE_READ_BYTES, decode_content=by_urllib3)
        return partial(raw.read1, READ_BYTES, decode_content=by_urllib3)

    @property
    def is_over(self) -> bool:
        """Whether all bytes that the response announced have arrived: one more read would return none."""
        return self._raw is not None and not self._encoding and self._raw.length_remaining == 0

    def read(self) -> bytes:
        """Return the next bytes; empty at the end of the body.

        :raises azure.core.exceptions.AzureError: The connection broke, no bytes arrived in time, the body cannot be
            decompressed, or it is too long.
        """
        try:
            data = self._decode() if self._encoding else self._receive()
        except Exception as error:
            if self._raw is None or not is_transport_error(error):
                raise
            raise body_error(error, self._response, max(self.received, self._raw.tell())) from error
        self.received += len(data)
        if self.received > self._limit:
            raise too_long(self._limit, self._response)
        return data

    def _receive(self) -> bytes:
        if self._reader is not None:
            self._reader.overhead_left = OVERHEAD_BYTES + WHOLE_READ_BYTES
        return self._next_bytes()

    def _decode(self) -> bytes:
        if self._decoder is None:
            self._decoder = Decoder(self._encoding)
        while True:
            data = next(filter(None, self._decoded), b"")
            if data:
                return data
            received = self._receive()
            if not received:
                self._decoder.finish()
                return b""
            self._decoded = self._decoder.decode(received)


class ByteStream(BodyReader):
    """The body of a stream, which releases its connection."""

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
        if self._reader is not None:
            self._reader.interrupt()

    def close(self) -> None:
        """Release the connection."""
        self._response.close()

    def __del__(self) -> None:
        if "_response" in vars(self):  # else it is half of a copy that failed
            self.close()


def body_pieces(response: Any, pipeline: Any, *, decompress: bool = True, waits: bool = False) -> Iterator[bytes]:
    """Yield a body in place of the generator of azure-core, which has no limit, and logs what it raises.

    An error body is read as far as possible: the status says more than the reason for which the rest is missing.
    """
    del pipeline  # part of the interface
    is_error = response.status_code >= FIRST_ERROR_STATUS
    try:
        body = BodyReader(response, decompress=decompress, waits=waits)
        while not body.is_over and (data := body.read()):
            yield data
            if is_error and body.received >= MAX_ERROR_BODY_BYTES:
                break
    except AzureError:
        if not is_error:
            raise


def _urllib3_body(response: HttpResponse) -> Any:
    raw = getattr(getattr(response, "internal_response", None), "raw", None)
    urllib3 = sys.modules.get("urllib3")
    return raw if urllib3 is not None and isinstance(raw, urllib3.HTTPResponse) else None


whole_body = partial(body_pieces, waits=True)
"""The same for a body of which nothing is used before it is complete."""
