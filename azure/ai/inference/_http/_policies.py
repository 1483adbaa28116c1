"""Policies of ours, where those of azure-core cannot be configured to do what is needed. None of them awaits."""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineRequest, policies
from azure.core.rest import HttpRequest, HttpResponse

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
        key = self._credential.key
        if not (key.isascii() and key.isprintable() and key == key.strip()):
            raise ValueError(
                "Parameter 'credential' holds a key that cannot be sent in a header: "
                "it must be printable ASCII characters, without whitespace around them."
            )
        headers = request.http_request.headers
        # The context outlives an attempt; in the next one, headers that we set would look like those of the user.
        ours = request.context.setdefault("key_headers", [name for name in KEY_HEADERS if name not in headers])
        for name in ours:
            headers[name] = KEY_HEADERS[name] + key


class RedactingLoggingPolicy(policies.NetworkTraceLoggingPolicy):
    """Logs whole requests and responses where `logging_enable` asks for it, but never a key or a token."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Log the request, with secret headers redacted."""
        if not request.context.options.get("logging_enable", self.enable_http_logger):
            super().on_request(request)
            return
        headers = request.http_request.headers
        secrets = {name: value for name, value in headers.items() if name.lower() in SECRET_HEADERS}
        headers.update(dict.fromkeys(secrets, _REDACTED))
        super().on_request(request)
        headers.update(secrets)
