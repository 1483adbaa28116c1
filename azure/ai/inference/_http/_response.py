"""The response of a socket: its head is read here, within the time limits of the call, and its body by http.client.

http.client parses a head as an e-mail, which takes a tenth of the time of a call. It also takes a head that broke off
for a complete one, 102 and 103 for the answer, and a Content-Length that is no number for none.
"""

from __future__ import annotations

import io
import re
import socket
from http import HTTPStatus
from http.client import BadStatusLine, HTTPException, HTTPMessage, HTTPResponse, LineTooLong, RemoteDisconnected

from ._deadline import BoundedReader, current_exchange

_LINE_BYTES = 65_536
_MAX_HEADERS = 100
_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) +([1-9][0-9][0-9])(?: +([^\r\n]*))?\s*")
_WITHOUT_BODY = frozenset((HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED))
_HTTP_1_0, _HTTP_1_1 = 10, 11


class BoundedResponse(HTTPResponse):
    """A response of http.client that is read within the time limits of the exchange of this thread."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self._has_no_body = method == "HEAD"
        self._exchange = current_exchange.get()
        self._call_end = None if self._exchange is None else self._exchange.end
        self.reader = BoundedReader(self.fp.detach(), sock, self._call_end)
        self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        """Read the head, and the heads of interim responses before it.

        http.client does not call this for the answer of a proxy to CONNECT, which is no response of the service.
        """
        if self._exchange is not None:
            self._exchange.reader = self.reader
        try:
            self._read_status_line()
            fields = self._read_headers()
            while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
                self._read_status_line()
                fields = self._read_headers()
        except (ConnectionError, BadStatusLine):  # the caller closes the connection, but not this, which keeps it open
            self.close()
            raise
        self._frame_body(fields)
        self.reader.bound(self._call_end)

    def _read_status_line(self) -> None:
        line = self.fp.readline(_LINE_BYTES)
        if not line:
            raise RemoteDisconnected("the connection was closed without a response")
        match = _STATUS_LINE.fullmatch(line)
        if match is None:
            raise BadStatusLine(line.decode("latin-1"))
        minor_version, status, reason = match.groups()
        self.version = _HTTP_1_0 if minor_version == b"0" else _HTTP_1_1
        self.code = self.status = int(status)
        self.reason = (reason or b"").decode("latin-1").strip()

    def _read_headers(self) -> dict[str, str]:
        """Read headers up to the empty line after them. Returns their values by their names in lower case."""
        lines: list[str] = []
        read_line = self.fp.readline
        while (line := read_line(_LINE_BYTES + 1).decode("latin-1")) not in ("\r\n", "\n"):
            if not line:
                raise HTTPException("the connection was closed within the headers")
            if len(line) > _LINE_BYTES:
                raise LineTooLong("header line")
            if len(lines) >= _MAX_HEADERS:
                raise HTTPException(f"there are more than {_MAX_HEADERS} headers")
            if line[0] in " \t" and lines:  # the value of the header before goes on
                lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
            else:
                lines.append(line)
        self.headers = self.msg = message = HTTPMessage()
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            value = value.strip()
            message.set_raw(name, value)
            fields.setdefault(name.lower(), value)
        return fields

    def _frame_body(self, fields: dict[str, str]) -> None:
        """Decide where the body ends, as http.client does."""
        self.chunked = fields.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        if self.chunked and "content-length" in fields:
            del self.headers["Content-Length"]  # it does not count, and urllib3 would log a warning
        connection = fields.get("connection", "").lower()
        is_kept = "keep-alive" in connection if self.version == _HTTP_1_0 else "close" not in connection
        length = None if self.chunked else fields.get("content-length")
        if length is not None and not (length.isascii() and length.isdigit()):
            raise HTTPException(f"the header Content-Length is not a number: {length[:20]!r}")
        self.length = None if length is None else int(length)
        if self._has_no_body or self.status in _WITHOUT_BODY:
            self.length = 0
        self.will_close = not is_kept or not (self.chunked or self.length is not None)
