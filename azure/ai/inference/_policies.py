"""Policies of ours, where those of azure-core cannot be configured to do the right thing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ServiceRequestTimeoutError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

from ._reading import ByteStream, socket_of

KEY_HEADERS = {"Authorization": "Bearer ", "api-key": ""}
"""The headers that carry a key, with what stands before it: endpoints differ in which of them they read."""
SECRET_HEADERS = frozenset(
    ("authorization", "api-key", "x-ms-authorization-auxiliary", "proxy-authorization", "cookie")
)
_REDACTED = "REDACTED"


class KeyPolicy(policies.SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Sends a key in both headers, as the credential holds it at that moment. A header that the user set is kept."""

    def __init__(self, credential: AzureKeyCredential) -> None:
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Set the headers."""
        headers = request.http_request.headers
        # The context outlives an attempt; in the next one, headers that we set would look like those of the user.
        ours = request.context.setdefault("key_headers", [name for name in KEY_HEADERS if name not in headers])
        for name in ours:
            headers[name] = KEY_HEADERS[name] + self._credential.key


class TracePolicy(policies.NetworkTraceLoggingPolicy):
    """Logs whole requests and responses where `logging_enable` asks for it, but never a key or a token."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Log the request, with the secret headers out of sight."""
        if not request.context.options.get("logging_enable", self.enable_http_logger):
            super().on_request(request)
            return
        headers = request.http_request.headers
        secrets = {name: value for name, value in headers.items() if name.lower() in SECRET_HEADERS}
        headers.update(dict.fromkeys(secrets, _REDACTED))
        super().on_request(request)
        headers.update(secrets)


class DeadlinePolicy(policies.HTTPPolicy[HttpRequest, HttpResponse]):
    """Ends a request when the time of its call is up: the head of the response, and a body that is not streamed.

    Sockets know how long to wait for the next bytes, not for the last ones; so the body is read here, piece by piece.
    """

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request, and read the response."""
        deadline = request.context.get("deadline")
        if deadline is None:
            return self.next.send(request)
        left = deadline - time.monotonic()
        if left <= 0:
            raise ServiceRequestTimeoutError("The time of the call was up before the request was sent.")
        given = request.context.options
        connection = getattr(request.context.transport, "connection_config", None)
        read_timeout = given.get("read_timeout", getattr(connection, "read_timeout", left))
        request.context.options = {
            **given,
            "stream": True,
            "connection_timeout": min(given.get("connection_timeout", getattr(connection, "timeout", left)), left),
            "read_timeout": min(read_timeout, left),
        }
        try:
            response = self.next.send(request)
        finally:
            request.context.options = given
        if not given.get("stream"):
            _read_until(deadline, response.http_response)
        elif (socket := socket_of(response.http_response)) is not None:
            socket.settimeout(read_timeout)
        return response


def _read_until(deadline: float, response: Any) -> None:
    socket = socket_of(response)
    if socket is not None:
        response.iter_bytes = lambda: _pieces(ByteStream(response), socket, deadline)
    response.read()
    response.close()


def _pieces(body: ByteStream, socket: Any, deadline: float) -> Iterator[bytes]:
    while (left := deadline - time.monotonic()) > 0:
        socket.settimeout(left)
        piece = body.read()
        if not piece:
            return
        yield piece
    raise ServiceResponseTimeoutError("The time of the call was up before the response was complete.")
