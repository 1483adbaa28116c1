"""Replacements for azure-core policies that cannot be configured to do what is needed. None of them awaits."""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineRequest, policies
from azure.core.rest import HttpRequest, HttpResponse

KEY_HEADERS = {"Authorization": "Bearer ", "api-key": ""}
"""The headers that carry the key, with the prefix of the value: endpoints differ in which one they read."""
SECRET_HEADERS = frozenset(
    ("authorization", "api-key", "x-ms-authorization-auxiliary", "proxy-authorization", "cookie")
)
_REDACTED = "REDACTED"


class KeyPolicy(policies.SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Sends the current key of the credential in both headers. A header that the user set is left unchanged."""

    def __init__(self, credential: AzureKeyCredential) -> None:
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Set the key headers."""
        key = self._credential.key
        if not (key.isascii() and key.isprintable() and key == key.strip()):
            raise ValueError(
                "Parameter 'credential' contains a key that cannot be sent in a header: "
                "it must be printable ASCII characters, without whitespace around them."
            )
        headers = request.http_request.headers
        # The context is shared by all attempts: without the note in it, a retry would take our headers for the user's.
        ours = request.context.setdefault("key_headers", [name for name in KEY_HEADERS if name not in headers])
        for name in ours:
            headers[name] = KEY_HEADERS[name] + key


class RedactingLoggingPolicy(policies.NetworkTraceLoggingPolicy):
    """Logs whole requests and responses if `logging_enable` is set, with keys and tokens redacted."""

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
