"""What sends the requests of async clients. Importing this needs aiohttp."""

from __future__ import annotations

import netrc
import os
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

# The public name is looked up when it is used, and type checkers cannot follow that.
from azure.core.pipeline.transport._aiohttp import AioHttpTransport


class Transport(AioHttpTransport):
    """The transport of azure-core, with as many connections as there are calls at once.

    It reads the proxies of the environment once for each host, not for each request, and closes its connections quietly
    when nothing refers to it any more.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._reads_environment = self.session is None and self._use_env_settings
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def open(self) -> None:
        """Make the session, unless there is one."""
        if not self.session and self._session_owner and not self._has_been_opened:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        base: Any = super()
        await base.open()

    async def send(self, request: Any, *, proxies: Any = None, **config: Any) -> Any:
        """Send a request, through the proxy that the caller or the environment names."""
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
        session = self.session
        if session is None or session.connector is None or not self._session_owner:
            return
        connector: Any = session.connector
        session.detach()
        with suppress(AttributeError, RuntimeError):  # the event loop has ended, and with it the connections
            connector._close()  # the public way can only be awaited


def _proxy_from_environment(scheme: str, host: str) -> str | None:
    """The URL of the proxy for a host, with the user that .netrc names where it names none itself."""
    proxy = None if proxy_bypass(host) else getproxies().get(scheme)
    parts = urlsplit(proxy or "")
    if parts.scheme == "https":  # as aiohttp has it: such a URL in the environment is a mistake more often than not
        return None
    if parts.hostname and parts.username is None:
        with suppress(OSError, netrc.NetrcParseError):
            found = netrc.netrc(os.environ.get("NETRC")).authenticators(parts.hostname)
            if found:
                user, _, password = found
                netloc = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{parts.netloc}"
                return urlunsplit(parts._replace(netloc=netloc))
    return proxy
