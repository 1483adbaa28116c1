"""The requests-based transport of the sync clients. Importing this module imports requests."""

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
from ._options import CLOSED

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._requests_basic import RequestsTransport
else:
    from azure.core.pipeline.transport import RequestsTransport


def _keep_all(pool: Any) -> None:
    """Keep all connections that were used concurrently; by default, urllib3 closes idle ones beyond ten."""
    pool.pool.maxsize = 0  # no limit, in queue.LifoQueue


class _Pool(HTTPConnectionPool):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _keep_all(self)

    # urllib3 documents `ConnectionCls` for this, but recorders such as vcrpy replace that attribute in the classes of
    # urllib3, and setting it here would hide their value. `_new_conn` makes a connection of the class set there.
    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.response_class = BoundedResponse
        return connection


class _TLSPool(HTTPSConnectionPool):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _keep_all(self)

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.response_class = BoundedResponse
        return connection


_POOLS = {"http": _Pool, "https": _TLSPool}


class _Adapter(HTTPAdapter):
    """Makes connections whose reads are bounded by the deadline of the call."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager: Any = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # SOCKS pools have their own connection classes
            manager.pool_classes_by_scheme = _POOLS
        return manager


def _store_body(response: Any, body: bytes) -> None:
    """Store a body that has been read where requests and azure-core look for it.

    The body is not read by requests, because requests reports a connection that breaks or stalls within the body as a
    failure to connect, and azure-core would send the request again. requests has no public way to set a body.
    azure-core joins the chunks into a second copy, which replaces the first.
    """
    internal = response.internal_response
    internal._content, internal._content_consumed = body, True
    if isinstance(response, HttpResponse):
        complete: Any = response
        internal._content = complete.read()
        complete.close()


class Transport(RequestsTransport):
    """The azure-core transport with bounded reads. It reads the environment once per host.

    requests reads the environment for each request, which takes a fifth of the time of a call. The variables for
    proxies and the CA bundle have the same meaning as in requests. The .netrc entry for the host of the service is not
    used: it would replace the credential of the client. A session that the caller passes is used unchanged.
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
        """Open a session, unless there is one."""
        if self.session is None and self._is_opened:
            raise ValueError(CLOSED)
        if self.session is None:
            self.session = requests.Session()
            self.session.trust_env = False
            # With pool size 0, urllib3 keeps every connection that was used concurrently, last in, first out.
            adapter = _Adapter(pool_maxsize=0, max_retries=Retry(total=False, redirect=False, raise_on_status=False))
            self.session.mount("https://", adapter)
            self.session.mount("http://", adapter)
        self._is_opened = True
        base: Any = super()
        base.open()

    def send(self, request: Any, *, proxies: MutableMapping[str, str] | None = None, **config: Any) -> Any:
        """Send a request with the proxy and the CA bundle of the caller or of the environment."""
        if self._reads_environment:
            proxies = {**self._environment_proxies(request.url), **(proxies or {})}
            if self._ca_bundle and config.get("connection_verify", self.connection_config.verify) is True:
                config["connection_verify"] = self._ca_bundle
        response: Any = super().send(request, proxies=proxies, **{**config, "stream": True})
        if not config.get("stream"):
            try:
                _store_body(response, read_body(response))
            finally:
                response.internal_response.close()
        return response

    def _environment_proxies(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = get_environ_proxies(url)
        return self._proxies[host]
