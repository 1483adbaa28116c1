"""The aiohttp-based transport of the async clients. Importing this module requires aiohttp."""

from __future__ import annotations

import netrc
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._aiohttp import AioHttpTransport
else:
    from azure.core.pipeline.transport import AioHttpTransport


class Transport(AioHttpTransport):
    """The azure-core transport with an unlimited connection pool.

    It reads the proxies of the environment once per host; aiohttp reads them in a thread for each request. It closes
    its connections when it is garbage-collected, without the warning of aiohttp. A session that the caller passes is
    used unchanged.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._is_owner = kwargs.get("session_owner", True)
        self._is_opened = False
        self._reads_environment = self.session is None and kwargs.get("use_env_settings", True)
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def open(self) -> None:
        """Open a session, unless there is one."""
        if self.session is None and not self._is_opened:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        self._is_opened = True
        base: Any = super()
        await base.open()

    async def send(self, request: Any, *, proxies: Any = None, **config: Any) -> Any:
        """Send a request with the proxy of the caller or of the environment."""
        if self._reads_environment and not proxies and "proxy" not in config:
            config["proxy"] = self._proxy_for(request.url)
        return await super().send(request, proxies=proxies, **config)

    def _proxy_for(self, url: str) -> str | None:
        parts = urlsplit(url)
        target = parts.scheme, parts.hostname or ""
        if target not in self._proxies:
            self._proxies[target] = _proxy_from_environment(*target)
        return self._proxies[target]

    def __del__(self) -> None:
        session = vars(self).get("session")  # absent from half of a copy that failed
        if session is None or session.connector is None or not self._is_owner:
            return
        connector: Any = session.connector
        session.detach()
        with suppress(AttributeError, RuntimeError):  # the event loop and its connections are closed
            connector._close()  # the public method must be awaited, which a finalizer cannot do


def _proxy_from_environment(scheme: str, host: str) -> str | None:
    """Return the proxy URL for a host. If the URL has no credentials, those in .netrc are added."""
    proxy = None if proxy_bypass(host) else getproxies().get(scheme)
    parts = urlsplit(proxy or "")
    if parts.scheme == "https":  # ignored as in aiohttp: in the environment it is usually a mistake
        return None
    if parts.hostname and parts.username is None:
        with suppress(OSError, netrc.NetrcParseError):
            found = netrc.netrc(os.environ.get("NETRC")).authenticators(parts.hostname)
            if found:
                user, _, password = found
                netloc = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{parts.netloc}"
                return urlunsplit(parts._replace(netloc=netloc))
    return proxy
