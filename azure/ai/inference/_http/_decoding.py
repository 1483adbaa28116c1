"""Decompression of bodies, in pieces: a decompression bomb is noticed before it takes memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

ACCEPTED_ENCODINGS = "gzip, deflate"
"""The header Accept-Encoding: what every installation can decompress."""
_PIECE_BYTES = 262_144
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Decoder:
    """Decompresses gzip and deflate.

    :param encoding: The header Content-Encoding.
    :raises zlib.error: Another encoding.
    """

    def __init__(self, encoding: str) -> None:
        self._is_gzip = encoding.strip().lower() in ("gzip", "x-gzip")
        if not self._is_gzip and encoding.strip().lower() != "deflate":
            raise zlib.error(f"the content encoding {encoding!r} is not supported")
        self._inflater: Any = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what bytes of the body decompress to, in pieces.

        :raises zlib.error: They cannot be decompressed.
        """
        while data:
            if self._inflater is None:
                self._inflater = zlib.decompressobj(_GZIP_WINDOW if self._is_gzip else _deflate_window(data))
            yield self._inflater.decompress(data, _PIECE_BYTES)
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                # gzip may have several members, and zeros after the last one. Bytes after deflate data are ignored.
                data = self._inflater.unused_data.lstrip(b"\0") if self._is_gzip else b""
                self._inflater = self._inflater if not data else None

    def finish(self) -> None:
        """Check that the body was complete.

        :raises zlib.error: It ended too early.
        """
        if self._inflater is not None and not self._inflater.eof:
            raise zlib.error("the compressed data ends too early")


def _deflate_window(head: bytes) -> int:
    """The window for zlib: services send deflate with the header of zlib, as it is specified, or without it."""
    has_header = head[0] & 0x0F == zlib.DEFLATED and not (len(head) > 1 and int.from_bytes(head[:2], "big") % 31)
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
