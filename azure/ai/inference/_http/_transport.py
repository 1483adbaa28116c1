"""The requests-based transport of the sync clients. Importing this imports requests."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from azure.core.rest import HttpResponse
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry

from ._byte_stream import read_body
from ._deadline import BoundedResponse

if TYPE_CHECKING:  # the public name is looked up when it is used, and type checkers cannot follow that
    from azure.core.pipeline.transport._requests_basic import RequestsTransport
else:
    from azure.core.pipeline.transport import RequestsTransport


class _Pool(HTTPConnectionPool):
    # urllib3 documents `ConnectionCls` for this, but recorders such as vcrpy replace that attribute of the classes of
    # urllib3, which a value of ours would hide. `_new_conn` makes a connection of whatever class stands there.
    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.response_class = BoundedResponse
        return connection


class _TLSPool(HTTPSConnectionPool):
    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.response_class = BoundedResponse
        return connection


_POOLS = {"http": _Pool, "https": _TLSPool}


class _Adapter(HTTPAdapter):
    """Makes connections whose reads a deadline bounds."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager: Any = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # these pools make connections of their own
            manager.pool_classes_by_scheme = _POOLS
        return manager


def _keep_body(response: Any, body: bytes) -> None:
    """Put a body that has been read where requests and azure-core look for it.

    The body is read here and not by requests: for requests, a connection that breaks or stalls within the body is one
    that was not made, and azure-core would send the request a second time. requests has no public way to be given a
    body. azure-core joins the pieces of one into a second copy, which takes the place of the first.
    """
    kept = response.internal_response
    kept._content, kept._content_consumed = body, True
    if isinstance(response, HttpResponse):
        complete: Any = response
        kept._content = complete.read()
        complete.close()


class Transport(RequestsTransport):
    """The transport of azure-core, with connections that a deadline bounds. It reads the environment once per host.

    requests reads the environment for each request, which takes a fifth of a call. Proxies and the CA bundle mean what
    they mean to requests. What .netrc says of the host of the service is not read: it would replace the credential of
    the client. A session that the caller passes is used as it is.
    """

    def __init__(self, **kwargs: Any) -> None:
        uses_environment = kwargs.get("use_env_settings", True)
        self._reads_environment = uses_environment and kwargs.get("session") is None
        kwargs["use_env_settings"] = uses_environment and not self._reads_environment
        super().__init__(**kwargs)
        self._is_opened = False
        self._proxies: dict[str, dict[str, str]] = {}
        self._ca_bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")

    def open(self) -> None:
        """Make the session, unless there is one."""
        if self.session is None and not self._is_opened:
            self.session = requests.Session()
            self.session.trust_env = False
            adapter = _Adapter(max_retries=Retry(total=False, redirect=False, raise_on_status=False))
            self.session.mount("https://", adapter)
            self.session.mount("http://", adapter)
        self._is_opened = True
        base: Any = super()
        base.open()

    def send(self, request: Any, *, proxies: MutableMapping[str, str] | None = None, **config: Any) -> Any:
        """Send a request, through the proxy and with the certificates that the caller or the environment names."""
        if self._reads_environment:
            proxies = {**self._environment_proxies(request.url), **(proxies or {})}
            if self._ca_bundle and config.get("connection_verify", self.connection_config.verify) is True:
                config["connection_verify"] = self._ca_bundle
        response: Any = super().send(request, proxies=proxies, **{**config, "stream": True})
        if not config.get("stream"):
            try:
                _keep_body(response, read_body(response))
            finally:
                response.internal_response.close()
        return response

    def _environment_proxies(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = get_environ_proxies(url)
        return self._proxies[host]
