"""An HTTP server on loopback that records requests and sends the replies that a test queued."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trustme
from spec_validate import validate

TIMEOUT = 60
"""A limit in seconds that is only reached if a test fails."""
API_VERSIONS = ("2024-05-01-preview", "2025-05-01")
DEFINITIONS = {
    "/chat/completions": "ChatCompletionsOptions",
    "/images/embeddings": "ImageEmbeddingsOptions",
    "/embeddings": "EmbeddingsOptions",
}

COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}
EMBEDDINGS = {
    "id": "e1",
    "object": "list",
    "model": "m",
    "data": [{"index": 0, "object": "embedding", "embedding": [0.25, -1]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
INFO = {"model_name": "m", "model_type": "chat_completion", "model_provider_name": "p"}
DONE = b"data: [DONE]\n\n"


def update(content: str | None = None, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    """Return the body of an update."""
    delta = {} if content is None else {"content": content}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "m",
        "choices": choices,
        **more,
    }


def event(body: Any) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


@dataclass(frozen=True)
class Received:
    """A request that the service received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def violations(self) -> list[str]:
        """Return the violations of the specification in the request."""
        definition = next((name for route, name in DEFINITIONS.items() if self.path.endswith(route)), None)
        if definition is None:
            return []
        version = dict(self.query).get("api-version")
        try:
            body = self.json
        except ValueError as error:
            return [str(error)]
        return validate(
            version if version in API_VERSIONS else API_VERSIONS[0],
            definition,
            body,
            extra=self.headers.get("extra-parameters", "error"),
        )


@dataclass(frozen=True)
class Reply:
    """A response of the service. The pieces are written, and callables among them are called, one by one."""

    pieces: Iterable[bytes | Callable[[], Any]]
    status: int = 200
    content_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "chunked"
    """The end of the body: "chunked", "length" or "close"; with "none", the status line and headers are omitted."""
    breaks: bool = False
    """Whether the connection is closed before the end of the body."""
    stalls: bool = False
    """Whether the body does not go on after the pieces. The service waits until the client closes the connection."""


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply([content], status, "application/json", headers, framing="length")


class Service(ThreadingHTTPServer):
    """The service. If no reply is queued, it sends a minimal response for the route."""

    daemon_threads = True
    request_queue_size = 256  # simultaneous connections wait here on a busy machine; the default of 5 would refuse some

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[Received] = []
        self.connections = 0
        self._open = 0
        self._idle = threading.Condition()
        self._replies: deque[Reply | Callable[[], Reply]] = deque()

    @property
    def request(self) -> Received:
        """The only request that was received."""
        (request,) = self.requests
        return request

    def reply(self, *replies: Reply | Callable[[], Reply] | dict[str, Any]) -> None:
        """Queue replies to the next requests; a callable is called when the request arrives."""
        self._replies.extend(json_reply(reply) if isinstance(reply, dict) else reply for reply in replies)

    def stream(self, *pieces: Any, **options: Any) -> None:
        """Queue a stream: bytes and callables are used unchanged, anything else becomes an event."""
        self.reply(Reply([p if isinstance(p, bytes) or callable(p) else event(p) for p in pieces], **options))

    def count(self, change: int) -> None:
        """Count a connection that was opened (1) or closed (-1)."""
        with self._idle:
            self.connections += change > 0
            self._open += change
            self._idle.notify_all()

    def receive(self, request: Received) -> Reply | Callable[[], Reply] | None:
        """Record a request, and return the next reply in the queue; None if there is none."""
        with self._idle:
            self.requests.append(request)
            reply = self._replies.popleft() if self._replies else None
            self._idle.notify_all()
        return reply

    def unused_replies(self) -> list[Reply | Callable[[], Reply]]:
        """Return the replies that were not used. Waits for requests that their client abandoned."""
        with self._idle:
            self._idle.wait_for(lambda: not self._replies or (self.requests and not self._open), TIMEOUT)
            return list(self._replies)

    def secure(self, folder: Path) -> str:
        """Switch to TLS, and return the path of the CA certificate."""
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")
        return str(folder / "ca.pem")

    def was_asked(self) -> bool:
        """Wait until a request has been received."""
        with self._idle:
            return self._idle.wait_for(lambda: bool(self.requests), TIMEOUT)

    def all_closed(self) -> bool:
        """Wait until no connection is open."""
        return self.has_open(0)

    def has_open(self, count: int) -> bool:
        """Wait until so many connections are open."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open == count, TIMEOUT)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # OSError: the client closed the connection
            super().handle_error(request, client_address)

    def answer_to(self, request: Received) -> Reply:
        """Return the response to a request if no reply is queued."""
        if b'"stream": true' in request.body:
            return Reply([event(update("ok")), event(update(finish_reason="stop")), DONE])
        route = request.path.rpartition("/")[2]
        return json_reply({"embeddings": EMBEDDINGS, "info": INFO}.get(route, COMPLETION))


class Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT
    wbufsize = -1  # the head of a short reply is sent with its body, which clients would read once or twice otherwise
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.count(1)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.connection.close()
            self.server.count(-1)

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(self.command, self.path, headers, body)
        reply = self.server.receive(request)
        try:
            if reply is None:
                reply = self.server.answer_to(request)
            self.write(reply if isinstance(reply, Reply) else reply())
        except OSError:  # the client closed the connection
            self.close_connection = True

    do_GET = do_POST = answer

    def write(self, reply: Reply) -> None:
        chunked = reply.framing == "chunked"
        if reply.framing != "none":
            self.write_head(reply)
        if reply.framing != "length":
            self.wfile.flush()
        for piece in reply.pieces:
            if callable(piece):
                self.wfile.flush()
                piece()
            elif piece:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                self.wfile.flush()
        if reply.stalls:
            self.wfile.flush()
            self.connection.settimeout(2 * TIMEOUT)  # longer than `all_closed` waits
            self.connection.recv(1)
        if reply.breaks or reply.stalls:
            self.close_connection = True
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")

    def write_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        # each header once: in Python's development mode, aiohttp refuses a second Content-Type
        headers = {"content-type": reply.content_type, **{name.lower(): reply.headers[name] for name in reply.headers}}
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.framing == "length":
            self.send_header(
                "Content-Length", str(sum(len(piece) for piece in reply.pieces if isinstance(piece, bytes)))
            )
        else:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Gate:
    """Blocks the reply that contains it until the test opens it: a test can act before the rest of the body is sent."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.was_opened_in_time = True

    def open(self) -> None:
        self._event.set()

    def __call__(self) -> None:
        self.was_opened_in_time = self._event.wait(TIMEOUT)


def serve() -> Service:
    service = Service()
    threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True).start()
    return service
