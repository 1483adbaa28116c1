"""What sends the requests of sync clients. Importing this imports requests."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

# The public name is looked up when it is used, and type checkers cannot follow that.
from azure.core.pipeline.transport._requests_basic import RequestsTransport
from azure.core.rest import HttpResponse
from requests.utils import get_environ_proxies


class Transport(RequestsTransport):
    """The transport of azure-core, which reads the environment once and not for each request.

    The proxies and the CA bundle mean what they mean to requests. What .netrc says of the host of the service is of no
    use here: it would take the place of the credential of the client.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._reads_environment = self.session is None and self._use_env_settings
        self._use_env_settings = self._use_env_settings and not self._reads_environment
        self._proxies: dict[str, dict[str, str]] = {}
        self._ca_bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")

    def send(self, request: Any, *, proxies: MutableMapping[str, str] | None = None, **config: Any) -> Any:
        """Send a request, through the proxy and with the certificates that the caller or the environment names."""
        if self._reads_environment:
            proxies = {**self._environment_proxies(request.url), **(proxies or {})}
            if self._ca_bundle and config.get("connection_verify", self.connection_config.verify) is True:
                config["connection_verify"] = self._ca_bundle
        response: Any = super().send(request, proxies=proxies, **config)
        if not config.get("stream") and isinstance(response, HttpResponse):
            # azure-core has put the pieces together once more: one copy of a large body is enough.
            kept: Any = response
            kept.internal_response._content = kept.content
        return response

    def _environment_proxies(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = get_environ_proxies(url)
        return self._proxies[host]
