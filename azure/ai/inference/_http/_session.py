"""Sessions of requests that do less for each call. Importing this module imports requests.

requests merges, checks and encodes what azure-core and this package have merged, checked and encoded already, and
chooses the connection pool anew for each request: together more than a third of the time of a call. Here this is done
once for each URL and each choice of certificates and proxies. Everything that others build on is still called:
`Session.send`, which OpenTelemetry instruments, `Session.get_adapter`, which requests_mock replaces,
`HTTPAdapter.send`, which responses replaces, and urllib3's connection classes, which vcrpy replaces.
"""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry

from ._decoding import ACCEPTED_ENCODINGS
from ._headers import check_headers
from ._response import BoundedResponse

_Value = TypeVar("_Value")
_HOSTS = 1_000
"""For how many hosts connections are kept. There are rarely more than two: the endpoint, and where it redirects to."""
_URLS = 1_000
"""For how many URLs and choices of certificates something is remembered. Then it is all computed again."""
_SIMPLE_OPTIONS = frozenset(
    ("data", "files", "headers", "verify", "timeout", "cert", "allow_redirects", "proxies", "stream")
)
connections: weakref.WeakSet[Any] = weakref.WeakSet()
"""All connections of this process, in use and idle."""


class _Bounded:
    # urllib3 documents `ConnectionCls` for this, but recorders such as vcrpy replace that attribute in the classes of
    # urllib3, and setting it here would hide their value. `_new_conn` makes a connection of the class set there.
    def _new_conn(self) -> Any:
        base: Any = super()
        connection = base._new_conn()
        connection.response_class = BoundedResponse
        connections.add(connection)
        return connection


class _Pool(_Bounded, HTTPConnectionPool):
    pass


class _TLSPool(_Bounded, HTTPSConnectionPool):
    pass


_POOLS = {"http": _Pool, "https": _TLSPool}


class Adapter(HTTPAdapter):
    """Makes connections with time limits, and keeps as many of them per host as were used concurrently."""

    def __init__(self) -> None:
        self._pools: dict[Any, Any] = {}
        self._certificates: dict[Any, Any] = {}
        self._paths: dict[str, str] = {}
        # A pool of size 0 is unlimited, and hands out the connection that was returned last: the others age.
        retries = Retry(total=False, redirect=False, raise_on_status=False)
        super().__init__(pool_connections=_HOSTS, pool_maxsize=0, max_retries=retries)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager: Any = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # SOCKS pools have their own connection classes
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """Return the connection pool for a request, which is looked up once for each URL."""
        key = request.url, verify, cert, tuple(proxies.items()) if proxies else None
        pool = self._pools.get(key)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
            remember(self._pools, key, pool)
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Give a pool its certificates, unless it has them. requests looks for their files in each call."""
        if self._certificates.get(conn) != (verify, cert):
            super().cert_verify(conn, url, verify, cert)
            remember(self._certificates, conn, (verify, cert))

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the target of the request line."""
        if proxies:
            return super().request_url(request, proxies)
        path = self._paths.get(request.url)
        if path is None:
            path = remember(self._paths, request.url, super().request_url(request, proxies))
        return path

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """Make a response of requests, without cookies."""
        response = requests.Response()
        response.status_code, response.reason, response.raw = resp.status, resp.reason, resp
        store = response.headers._store
        for name, value in resp.headers.items():
            store[name.lower()] = name, value
        response.encoding = get_encoding_from_headers(response.headers)
        response.url, response.request = req.url, req
        connection: Any = response
        connection.connection = self
        return response

    def close(self) -> None:
        """Close the connections now. urllib3 waits until nothing refers to their pools, but exceptions do."""
        self._pools.clear()
        self._certificates.clear()
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in list(manager.pools.keys()):
                with suppress(KeyError):  # another thread has dropped it
                    manager.pools[key].close()
        super().close()


class _NoCookies(RequestsCookieJar):
    """Keeps no cookies: services have no sessions, and a load balancer must not bind a client to one server."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass


class Session(requests.Session):
    """Sends requests that are complete already."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies = _NoCookies()
        self.headers["Accept-Encoding"] = ACCEPTED_ENCODINGS
        self._urls: dict[str, str] = {}
        adapter = Adapter()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request. All that requests would add to it are the headers of the session and the Content-Length."""
        body = options.get("data")
        prepared_url = self._prepared_url(url) if isinstance(url, str) else None
        is_simple = isinstance(body, (str, bytes)) or body is None
        if args or prepared_url is None or not is_simple or options.get("files") or self._is_configured(options):
            return super().request(method, url, *args, **options)
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = method, prepared_url, body
        prepared.headers = self._headers_of(options.get("headers") or {}, body, method)
        prepared.hooks = {"response": []}
        return self.send(
            prepared,
            stream=options.get("stream", False),
            timeout=options.get("timeout"),
            allow_redirects=options.get("allow_redirects", True),
            verify=options.get("verify"),
            cert=options.get("cert"),
            proxies=options.get("proxies") or {},
        )

    def _is_configured(self, options: dict[str, Any]) -> bool:
        """Whether a user has configured the session, or gives options of requests, which must be merged."""
        configured = self.auth or self.params or self.proxies or self.cert or self.verify is not True
        return bool(configured or self.hooks["response"] or not options.keys() <= _SIMPLE_OPTIONS)

    def _prepared_url(self, url: str) -> str | None:
        """Return the URL as requests encodes it; None if it contains a user name, which requests makes a header of."""
        found = self._urls.get(url)
        if found is None:
            prepared = requests.PreparedRequest()
            prepared.prepare_url(url, None)
            if "@" in urlsplit(url).netloc:
                return None
            found = remember(self._urls, url, str(prepared.url))
        return found

    def _headers_of(self, given: Any, body: str | bytes | None, method: str) -> CaseInsensitiveDict[Any]:
        headers: CaseInsensitiveDict[Any] = CaseInsensitiveDict()
        store = headers._store  # `update` calls four functions for each header
        check_headers(given)
        for source in (self.headers, given):
            for name, value in source.items():
                store[name.lower()] = name, value
        if body:
            length = len(body) if isinstance(body, bytes) or body.isascii() else len(body.encode())
            store["content-length"] = "Content-Length", str(length)
        elif method not in ("GET", "HEAD"):
            store["content-length"] = "Content-Length", "0"
        return headers

    def get_redirect_target(self, resp: Any) -> None:
        """Return None: a policy follows redirects. requests would read the body, and fail for an invalid location."""


def remember(memory: dict[Any, _Value], key: Any, value: _Value) -> _Value:
    """Keep a value, and return it. When there are too many, all are forgotten."""
    if len(memory) >= _URLS:
        memory.clear()
    memory[key] = value
    return value
