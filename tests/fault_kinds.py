"""Every fault of the matrix: what the service does, and what may come of it."""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import trustme
from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from faults import (
    Step,
    bomb,
    chunk,
    close,
    deflated,
    drip,
    flood,
    gzipped,
    head,
    in_chunks,
    redirect,
    reset,
    stall,
    with_length,
)

ANSWER = "answer"
"""The right answer."""
BROKEN = (ServiceRequestError, ServiceResponseError)
ATTEMPTS = 3
"""Requests, where each ends in a fault after which it is sent again."""
LIMIT = 1 << 20
"""The `max_body_bytes` of the clients."""
SHORT = 0.05
SILENT = {"read_timeout": SHORT}
"""Where the service says nothing more until the client has gone: only then may a short time decide."""
FIRST_IS_SILENT = {"first_read_timeout": SHORT}
"""The same, for the first attempt only."""
LATE = (ANSWER, ServiceResponseTimeoutError)
"""How that ends; on a busy machine, the head too may come too late."""


@dataclass(frozen=True)
class Fault:
    """What the service does, and what may come of it.

    :param answers: Lists of steps, for one request each; the last one for all that follow.
    :param ends: ANSWER or classes of exceptions, whichever are allowed.
    :param attempts: How many requests must arrive, or connections where no request can; None for any number.
    """

    name: str
    answers: list[list[Step]]
    ends: Any
    attempts: int | None = 1
    settings: dict[str, Any] = field(default_factory=dict)
    is_valid_http: bool = False
    """Whether `send_request` may return it: the bytes are right, what they say is not."""
    tls: str = ""
    """"trusted" or "untrusted"; otherwise the connection is in clear."""
    greeting: tuple[Step, ...] = ()
    hides_key: bool = False
    """Whether all requests but the first must be without the key."""


@cache
def certificates() -> tuple[ssl.SSLContext, str]:
    """The service's side of TLS, and the path of the certificate that clients trust."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    authority.cert_pem.write_to_path(f"{folder}/ca.pem")
    return context, f"{folder}/ca.pem"


def faults(body: bytes, content_type: str) -> Iterator[Fault]:
    """Every fault, for an operation with this answer."""
    answer = [with_length(body, content_type=content_type)]
    for make in (_before, _statuses, _shapes, _silences, _endless, _broken, _compressed, _odd, _redirects, _tls):
        yield from make(body, content_type, answer)


def _before(body, content_type, answer):
    for name, end in (("closed", close), ("reset", reset)):
        yield Fault(f"{name} before the head", [[end], answer], ANSWER, 2)
        yield Fault(f"{name} before the head, always", [[end]], BROKEN, ATTEMPTS)
        yield Fault(f"{name} twice before the head", [[end], [end], answer], ANSWER, 3)
    yield Fault("refused", [], ServiceRequestError, 0)


def _statuses(body, content_type, answer):
    now = (
        "Retry-After: 0",
        "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT",
        "retry-after-ms: 1",
        "x-ms-retry-after-ms: 1",
    )
    garbage = ("Retry-After: soon", "Retry-After: nan", "Retry-After: -5", "Retry-After:", "retry-after-ms: x", "X: y")
    never = ("Retry-After: 99999", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT")
    for status in ("429 Too Many Requests", "503 Service Unavailable"):
        for header in (*now, *garbage):
            later = [with_length(b"{}", header, status=status)]
            yield Fault(f"{status[:3]} with {header}", [later, answer], ANSWER, 2)
            yield Fault(f"{status[:3]} with {header}, always", [later], HttpResponseError, ATTEMPTS)
        for header in never:
            later = [with_length(b"{}", header, status=status)]
            yield Fault(f"{status[:3]} with {header}", [later, answer], HttpResponseError)
        later = [with_length(b"{}", "Retry-After: inf", status=status)]  # azure-core 1.30 reads no number
        yield Fault(f"{status[:3]} with Retry-After: inf", [later, answer], (ANSWER, HttpResponseError), None)
    for status in ("408 Request Timeout", "500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"):
        html = [with_length(b"<html>later</html>", status=status, content_type="text/html")]
        yield Fault(f"{status[:3]} in HTML", [html, answer], ANSWER, 2)
    failed = "500 Internal Server Error"
    silent = [head("Content-Length: 9", status=failed), stall]
    yield Fault("500 whose body never comes", [silent, answer], LATE, None, FIRST_IS_SILENT)
    yield Fault("500 whose body breaks", [[head("Content-Length: 9", status=failed), b"{", close], answer], ANSWER, 2)
    yield Fault("500 whose body is long", [[with_length(b" " * 3 * LIMIT, status=failed)], answer], ANSWER, 2)
    yield Fault("500 whose body never ends", [[head(status=failed), flood(b" ")], answer], ANSWER, 2)
    zipped = [with_length(b"no gzip", "Content-Encoding: gzip", status=failed)]
    yield Fault("500 whose gzip is broken", [zipped, answer], ANSWER, 2)


def _shapes(body, content_type, answer):
    given = {"content_type": content_type}
    chunked = head("Transfer-Encoding: chunked", **given)
    half = len(body) // 2
    zipped, hints = gzipped(body), b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    shapes = {
        "in one chunk": [chunked + in_chunks(body)],
        "in chunks of a byte": [chunked, in_chunks(*(body[i : i + 1] for i in range(len(body))))],
        "with chunk extensions": [chunked + b"%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (len(body), body)],
        "with trailers": [chunked + chunk(body) + b"0\r\nX-A: b\r\nX-C: d\r\n\r\n"],
        "until it closes": [head(**given), body[:half], body[half:], close],
        "of HTTP/1.0": [head(**given).replace(b"1.1", b"1.0", 1), body, close],
        "closed afterwards": [with_length(body, "Connection: close", **given), close],
        "closed afterwards without a word": [*answer, close],
        "in gzip": [with_length(zipped, "Content-Encoding: gzip", **given)],
        "in two members of gzip": [
            with_length(gzipped(body[:half]) + gzipped(body[half:]), "Content-Encoding: gzip", **given)
        ],
        "in deflate": [with_length(deflated(body), "Content-Encoding: deflate", **given)],
        "in raw deflate": [with_length(deflated(body, raw=True), "Content-Encoding: deflate", **given)],
        "in gzip in chunks": [
            head("Transfer-Encoding: chunked", "Content-Encoding: gzip", **given) + in_chunks(zipped)
        ],
        "in gzip in chunks of a byte": [
            head("Transfer-Encoding: chunked", "Content-Encoding: gzip", **given),
            in_chunks(*(zipped[i : i + 1] for i in range(len(zipped)))),
        ],
        "after 100": [b"HTTP/1.1 100 Continue\r\n\r\n", *answer],
        "after 102 and 103": [b"HTTP/1.1 102 Processing\r\n\r\n" + hints, *answer],
        "after many 100": [b"HTTP/1.1 100 Continue\r\n\r\n" * 500, *answer],
        "with 60 headers": [with_length(body, *(f"X-{number}: {number}" for number in range(60)), **given)],
        "without a reason": [with_length(body, status="200 ", **given)],
        "with a byte order mark": [with_length(b"\xef\xbb\xbf" + body, **given)],
    }
    for name, steps in shapes.items():
        yield Fault(f"an answer {name}", [steps], ANSWER)
    for charset in ("latin-1", "utf-16", "nonsense", '"'):
        steps = [with_length(body, content_type=f"{content_type}; charset={charset}")]
        yield Fault(f"the charset {charset}", [steps], (ANSWER, DecodeError))


def _silences(body, content_type, answer):
    chunked = head("Transfer-Encoding: chunked", content_type=content_type)
    begun, half = [chunked, chunk(body[: len(body) // 2])], len(body) // 2
    gzip_head = head("Content-Length: 999", "Content-Encoding: gzip", content_type=content_type)
    silences = {
        "before the head": [stall],
        "in the head": [chunked[:20], stall],
        "after 100": [b"HTTP/1.1 100 Continue\r\n\r\n", stall],
        "after 103": [b"HTTP/1.1 103 Early Hints\r\n\r\n", stall],
        "after the head": [chunked, stall],
        "between chunks": [*begun, stall],
        "in a chunk": [chunked, chunk(body)[:half], stall],
        "in a chunk size": [*begun, b"4", stall],
        "after a chunk size": [*begun, b"40\r\n", stall],
        "before the last line": [*begun, b"0\r\n", stall],
        "before the length": [head("Content-Length: 9999", content_type=content_type), body[:half], stall],
        "before it closes": [head(content_type=content_type), body[:half], stall],
        "in gzip": [gzip_head, gzipped(body)[:half], stall],
    }
    for name, steps in silences.items():
        yield Fault(f"silence {name}", [steps], AzureError, 1, SILENT)
    for name, steps in {
        "the head": [b"HTTP/1.1 200 OK\r\nX: ", drip(b"x")],
        "headers": [b"HTTP/1.1 200 OK\r\n", drip(b"X: y\r\n")],
        "100": [drip(b"HTTP/1.1 100 Continue\r\n\r\n")],
    }.items():
        yield Fault(f"drips of {name}", [steps], ServiceResponseTimeoutError, 1, SILENT)
    switched = [head(status="101 Switching Protocols", content_type=content_type), stall]
    yield Fault("silence after 101", [switched], AzureError, 1, SILENT, is_valid_http=True)
    bad = [head("Content-Length: 9", status="400 Bad Request"), b"{", stall]
    yield Fault("silence in an error", [bad], HttpResponseError, 1, SILENT)
    bad = [head("Content-Length: 99", status="400 Bad Request"), drip(b" ")]
    yield Fault("drips of an error", [bad], HttpResponseError, 1, SILENT)


def _endless(body, content_type, answer):
    chunked = head("Transfer-Encoding: chunked", content_type=content_type)
    floods = {
        "100 without end": [flood(b"HTTP/1.1 100 Continue\r\n\r\n")],
        "102 without end": [flood(b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n")],
        "a header line without end": [b"HTTP/1.1 200 OK\r\nX: ", flood(b"x")],
        "a header line of 100 MB": [b"HTTP/1.1 200 OK\r\nX: ", flood(b"x", 1600), b"\r\n\r\n"],
        "headers without end": [b"HTTP/1.1 200 OK\r\n", flood(b"X: y\r\n")],
        "a chunk extension without end": [chunked, b"5;", flood(b"x")],
        "a chunk size without end": [chunked, flood(b"0")],
        "a status line without end": [b"HTTP/1.1 200 ", flood(b"x")],
    }
    for name, steps in floods.items():
        yield Fault(name, [steps], AzureError)
    yield Fault("trailers without end", [[chunked, chunk(body), b"0\r\n", flood(b"X: y\r\n")]], (ANSWER, AzureError))
    spaces = [with_length(b" " * 2 * LIMIT, content_type=content_type)]
    yield Fault("a body beyond the limit", [spaces], HttpResponseError)
    yield Fault("a body without end", [[chunked, flood(chunk(b" " * 1000))]], HttpResponseError)
    yield Fault("an error without end", [[head(status="400 Bad Request"), flood(b"x")]], HttpResponseError)
    for status in ("200 OK", "400 Bad Request"):
        data = with_length(bomb(16 << 20), "Content-Encoding: gzip", status=status, content_type=content_type)
        yield Fault(f"a gzip bomb as {status[:3]}", [[data]], HttpResponseError)


def _broken(body, content_type, answer):
    chunked = head("Transfer-Encoding: chunked", content_type=content_type)
    half = body[: len(body) // 2]
    begun = [chunked, chunk(half)]
    incomplete = {
        "closed in a chunk": [chunked, chunk(body)[: len(half)], close],
        "reset in a chunk": [chunked, chunk(body)[: len(half)], reset],
        "closed after a chunk size": [*begun, b"40\r\n", close],
        "closed without the last chunk": [*begun, close],
        "closed before its length": [head("Content-Length: 99999", content_type=content_type), half, close],
        "reset before its length": [head("Content-Length: 99999", content_type=content_type), half, reset],
    }
    for name, steps in incomplete.items():
        yield Fault(name, [steps], IncompleteReadError)
    others = {
        "closed in the status line": [b"HTTP/1.1 2", close],
        "reset in the status line": [b"HTTP/1.1 2", reset],
        "closed in the headers": [chunked[:30], close],
        "reset in the headers": [chunked[:30], reset],
        "no HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n", close],
        "nothing but zeros": [bytes(500), close],
        "a status that is none": [answer[0].replace(b" 200 ", b" 2x0 ", 1), close],
        "a chunk size that is none": [*begun, b"zz\r\n", stall],
        "a chunk size that is none at once": [chunked + b"zz\r\n", stall],
        "a chunk size that is none in one packet": [chunked + chunk(half) + b"zz\r\n", stall],
        "a chunk that is longer than it says": [chunked, b"1\r\n" + half + b"\r\n", stall],
        "a negative chunk size": [*begun, b"-5\r\n", stall],
        "a huge chunk size": [*begun, b"f" * 40 + b"\r\n", close],
    }
    for name, steps in others.items():
        yield Fault(name, [steps], HttpResponseError)
    for length in ("x", "-1", "1e3", "99999999999999999999999", "5, 6"):
        steps = [head(f"Content-Length: {length}", content_type=content_type), body, close]
        yield Fault(f"the length {length}", [steps], (ANSWER, HttpResponseError))
    short = [head("Content-Length: 5", content_type=content_type), body, close]
    yield Fault("a length that is too short", [short], HttpResponseError, is_valid_http=True)
    two = [head("Content-Length: 5", "Transfer-Encoding: chunked", content_type=content_type), in_chunks(body), close]
    yield Fault("both a length and chunks", [two], (ANSWER, HttpResponseError))
    future = [answer[0].replace(b"1.1", b"9.9", 1), close]
    yield Fault("HTTP/9.9", [future], (ANSWER, HttpResponseError))
    line_feeds = [answer[0].replace(b"\r\n", b"\n"), close]
    yield Fault("lines without a carriage return", [line_feeds], (ANSWER, HttpResponseError))


def _compressed(body, content_type, answer):
    zipped = gzipped(body)
    damaged = {
        "gzip": {
            "that is none": b"no gzip at all",
            "that breaks": zipped[:20] + b"\xff" * 40 + zipped[60:],
            "that ends early": zipped[:-20],
            "that ends within its header": zipped[:5],
            "without its last byte": zipped[:-1],
            "with a wrong checksum": zipped[:-8] + bytes(4) + zipped[-4:],
            "and more": zipped + b"more",
        },
        "deflate": {"that is none": b"\xff" * 50, "that ends early": deflated(body)[:-9]},
        "br": {"": b"\x0b\x02\x80"},
        "gzip, gzip": {"": gzipped(zipped)},
        "nonsense": {"": body},
    }
    for encoding, bodies in damaged.items():
        for name, data in bodies.items():
            given = {"content_type": content_type}
            steps = [with_length(data, f"Content-Encoding: {encoding}", **given)]
            ends = HttpResponseError if encoding in ("gzip", "deflate") else (ANSWER, HttpResponseError)
            yield Fault(f"{encoding} {name}", [steps], ends)
            steps = [with_length(data, f"Content-Encoding: {encoding}", status="400 Bad Request", **given)]
            yield Fault(f"{encoding} {name} of an error", [steps], HttpResponseError)


def _odd(body, content_type, answer):
    for status in ("204 No Content", "205 Reset Content", "304 Not Modified"):
        empty = [head("Content-Length: 0", status=status, content_type=content_type)]
        yield Fault(status[:3], [empty], HttpResponseError, is_valid_http=True)
    part = [with_length(body, "Content-Range: bytes 0-9/99", status="206 Partial Content", content_type=content_type)]
    yield Fault("206", [part], HttpResponseError, is_valid_http=True)
    contents = {
        "HTML": b"<html>no</html>",
        "nothing": b"",
        "a nesting bomb": b"[" * 100_000,
        "no UTF-8": body.replace(b'"', b'"\xff', 1),
        "half of it": body[: len(body) // 2],
        "an error object": b'{"error": {"code": "c", "message": "m"}}',
        "null": b"null",
    }
    for name, content in contents.items():
        wrong = [with_length(content, content_type=content_type)]
        yield Fault(f"{name} as the answer", [wrong], HttpResponseError, is_valid_http=True)
    errors = {
        "HTML": (b"<html>no</html>", "text/html"),
        "a wrong charset": (b'{"message": "\xff"}', "application/json; charset=nonsense"),
        "UTF-16": ('{"message": "no"}'.encode("utf-16"), "application/json; charset=utf-16"),
        "a nesting bomb": (b'{"error":' * 50_000, "application/json"),
        "nothing": (b"", "application/json"),
        "3 MB": (b"x" * 3 * LIMIT, "text/plain"),
    }
    for status in ("400 Bad Request", "403 Forbidden", "501 Not Implemented", "999 "):
        for name, (content, kind) in errors.items():
            steps = [with_length(content, status=status, content_type=kind)]
            yield Fault(f"{status[:3]} with {name}", [steps], HttpResponseError)


def _redirects(body, content_type, answer):
    for status in ("307 Temporary Redirect", "308 Permanent Redirect"):
        yield Fault(f"{status[:3]}", [[redirect("/x", status=status)], answer], ANSWER, 2)
    for status in ("301 Moved Permanently", "302 Found", "303 See Other"):
        steps = [[redirect("/x", status=status)], answer]
        yield Fault(f"{status[:3]}", steps, (ANSWER, HttpResponseError), None, is_valid_http=True)
    elsewhere = [redirect("http://localhost:PORT/x")]
    yield Fault("307 to another host", [elsewhere, answer], ANSWER, 2, hides_key=True)
    yield Fault("307 in a loop", [[redirect("/x")]], AzureError, 31)
    yield Fault("307 between hosts in a loop", [elsewhere, [redirect("http://127.0.0.1:PORT/x")]], AzureError, 31)
    for location in ("http://[x", "http://a:b/", "ftp://127.0.0.1:PORT/x", "file:///etc/passwd"):
        yield Fault(f"307 to {location}", [[redirect(location)], answer], HttpResponseError)
    nowhere = [head("Content-Length: 0", status="307 Temporary Redirect")]
    yield Fault("307 to nowhere", [nowhere, answer], HttpResponseError, is_valid_http=True)
    long = [with_length(b"<html>" * 9999, "Location: /x", status="307 Temporary Redirect")]
    yield Fault("307 with a body", [long, answer], ANSWER, 2)
    endless = [redirect("/x", "X: y"), flood(b"x")]
    yield Fault("307 with a body without end", [endless, answer], ANSWER, 2)
    silent = [redirect("/x", "Content-Length: 9"), stall]
    yield Fault("307 with a body that never comes", [silent, answer], LATE, None, FIRST_IS_SILENT)
    yield Fault("307 with a body that breaks", [[redirect("/x", "Content-Length: 9"), b"<", close], answer], ANSWER, 2)
    yield Fault("307, then 503", [[redirect("/x")], [with_length(b"{}", status="503 No")], answer], ANSWER, 3)
    yield Fault("307 to a broken answer", [[redirect("/x")], [answer[0][:-3], close]], IncompleteReadError, 2)


def _tls(body, content_type, answer):
    half = [answer[0][: -len(body) // 2], close]
    chunked = head("Transfer-Encoding: chunked", content_type=content_type)
    secure = {"tls": "trusted"}
    yield Fault("TLS", [answer], ANSWER, **secure)
    yield Fault(
        "TLS until it closes without notice",
        [[head(content_type=content_type), body, close]],
        (ANSWER, IncompleteReadError),
        **secure,
    )
    yield Fault("TLS that closes before the head", [[close], answer], ANSWER, 2, **secure)
    yield Fault("TLS that resets before the head", [[reset], answer], ANSWER, 2, **secure)
    yield Fault("TLS that closes without notice", [half], IncompleteReadError, **secure)
    yield Fault("TLS that closes in a chunk", [[chunked, chunk(body)[:-5], close]], IncompleteReadError, **secure)
    yield Fault("TLS that stalls in the head", [[chunked[:30], stall]], AzureError, 1, SILENT, **secure)
    yield Fault("TLS that stalls in the body", [[chunked, chunk(body)[:-5], stall]], AzureError, 1, SILENT, **secure)
    yield Fault("TLS that floods", [[flood(b"HTTP/1.1 100 Continue\r\n\r\n")]], AzureError, **secure)
    away = [redirect("http://127.0.0.1:PORT/x")]
    yield Fault("from https to http", [away, answer], HttpResponseError, **secure)
    yield Fault("from https to https", [[redirect("https://127.0.0.1:PORT/x")], answer], ANSWER, 2, **secure)
    yield Fault("an untrusted certificate", [answer], ServiceRequestError, tls="untrusted")
    greetings = {"an alert": (b"\x15\x03\x03\x00\x02\x02\x28", close), "no TLS": (b"HTTP/1.1 400 Bad\r\n\r\n", close)}
    for name, greeting in {**greetings, "a reset": (reset,), "an end": (close,)}.items():
        yield Fault(f"{name} in place of TLS", [answer], BROKEN, ATTEMPTS, greeting=greeting)
    yield Fault("silence in place of TLS", [], BROKEN, ATTEMPTS, {"connection_timeout": SHORT}, greeting=(stall,))


def cuts(body: bytes, content_type: str, fraction: int = 1) -> Iterator[Fault]:
    """The answer, in several framings, broken at many bytes; one of so many of these faults."""
    given = {"content_type": content_type}
    framings = {
        "in chunks": head("Transfer-Encoding: chunked", **given) + in_chunks(body[:5], body[5:]),
        "with a length": with_length(body, **given),
        "in gzip in chunks": head("Transfer-Encoding: chunked", "Content-Encoding: gzip", **given)
        + in_chunks(gzipped(body)),
    }
    for framing, whole in framings.items():
        # Whether a stream, which ends at [DONE], or another answer is right without its last bytes is told by its size.
        for end, step in ((close, 5), (reset, 5), (stall, 41)):
            for cut in range(1, len(whole), step * fraction):
                settings = SILENT if end is stall else {}
                is_there = "chunks" in framing and len(whole) - cut < len(b"0\r\n\r\n")  # the end was told
                ends = (ANSWER, AzureError) if is_there else AzureError
                yield Fault(f"{end.__name__} at byte {cut} {framing}", [[whole[:cut], end]], ends, 1, settings)
        for cut in range(2, len(whole), 9 * fraction):
            yield Fault(f"two packets at byte {cut} {framing}", [[whole[:cut], whole[cut:]]], ANSWER)
