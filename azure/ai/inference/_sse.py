"""Server-sent events: bytes in, the data of events out.

The rules are those of the WHATWG HTML standard, section 9.2 "Server-sent events". A line ends with CR, LF or CRLF; a
blank line ends an event; other fields and comments are ignored. This module does no I/O, and knows neither JSON nor
models.
"""

from __future__ import annotations

from codecs import BOM_UTF8


class EventDecoder:
    """Turns the bytes of an event stream, cut anywhere, into the data of its events.

    The time it takes grows with the number of bytes, however they are cut.
    """

    def __init__(self) -> None:
        self._unfinished_line: list[bytes] = []
        self._data_lines: list[bytes] = []
        self._at_start = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes; return the data of every event that they complete.

        Several data lines of one event are joined by line feeds.
        """
        if self._after_cr:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in chunk:
            self._unfinished_line.append(chunk)
            return []
        events: list[bytes] = []
        if self._unfinished_line:
            chunk = self._finish_line(chunk, events)
        lines, newline, rest = chunk.rpartition(b"\n")
        if newline:
            self._take(self._without_bom(lines + newline), events)
        if rest:
            self._unfinished_line.append(rest)
        return events

    def flush(self) -> list[bytes]:
        """Take the end of the stream; return the data of an event that no blank line ended.

        The standard drops such an event, but services end streams without a blank line.
        """
        return self.feed(b"\n\n")

    def _finish_line(self, chunk: bytes, events: list[bytes]) -> bytes:
        """Take the line that ends in a chunk alone, so that a long one is not searched again; return what follows."""
        end, _, rest = chunk.partition(b"\n")
        self._unfinished_line.append(end)
        line = self._without_bom(b"".join(self._unfinished_line))
        self._unfinished_line.clear()
        if line.startswith(b"data: ") and rest.startswith(b"\n") and not self._data_lines:
            events.append(line[6:])
            return rest[1:]
        self._take_lines([line], events)
        return rest

    def _without_bom(self, lines: bytes) -> bytes:
        if self._at_start:
            self._at_start = False
            return lines.removeprefix(BOM_UTF8)
        return lines

    def _take(self, lines: bytes, events: list[bytes]) -> None:
        if lines.startswith(b"data: ") and lines.endswith(b"\n\n") and not self._data_lines:
            # Fast path: nothing but events that are a single `data: ` line, so that there is no other newline.
            found = lines[6:-2].split(b"\n\ndata: ")
            if lines.count(b"\n") == 2 * len(found):
                events += found
                return
        *blocks, rest = lines.split(b"\n\n")
        for block in blocks:
            if block.startswith(b"data: ") and b"\n" not in block and not self._data_lines:
                events.append(block[6:])
            else:
                self._take_lines(block.split(b"\n"), events)
                self._take_lines([b""], events)
        self._take_lines(rest.split(b"\n")[:-1], events)

    def _take_lines(self, lines: list[bytes], events: list[bytes]) -> None:
        data_lines = self._data_lines
        for line in lines:
            if line.startswith(b"data:"):
                data_lines.append(line[6:] if line.startswith(b" ", 5) else line[5:])
            elif line == b"data":
                data_lines.append(b"")
            elif not line and data_lines:
                events.append(b"\n".join(data_lines))
                data_lines.clear()
