"""The aiohttp-based transport of the async clients. Importing this module requires aiohttp."""

from __future__ import annotations

import asyncio
import netrc
import os
import weakref
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from ._options import CLOSED

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._aiohttp import AioHttpTransport
else:
    from azure.core.pipeline.transport import AioHttpTransport


class Transport(AioHttpTransport):
    """The azure-core transport with a session for each event loop, and with an unlimited connection pool.

    It reads the proxies of the environment once per host; aiohttp reads them in a thread for each request. It closes
    its connections when their event loop ends or when it is garbage-collected, without the warnings of aiohttp. A
    session that the caller passes is used unchanged.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopSession] = weakref.WeakKeyDictionary()
        self._given_session: aiohttp.ClientSession | None = None
        super().__init__(**kwargs)
        self._is_owner = kwargs.get("session_owner", True)
        self._is_opened = self._is_closed = False
        self._reads_environment = self._given_session is None and kwargs.get("use_env_settings", True)
        self._proxies: dict[tuple[str, str], str | None] = {}

    @property
    def session(self) -> aiohttp.ClientSession | None:
        """The session of the caller, or else the session of the running event loop."""
        if self._given_session is not None:
            return self._given_session
        found = self._sessions.get(asyncio.get_running_loop())
        return None if found is None else found.session

    @session.setter
    def session(self, session: aiohttp.ClientSession | None) -> None:
        self._given_session = session  # set by the constructor of azure-core

    async def open(self) -> None:
        """Open a session for the running event loop, unless there is one."""
        if self._is_closed:
            raise ValueError(CLOSED)
        self._is_opened = True
        if self._given_session is None:
            loop = asyncio.get_running_loop()
            if loop not in self._sessions:
                self._sessions[loop] = await _LoopSession.open()

    async def close(self) -> None:
        """Close the connections. Closing twice is fine."""
        self._is_closed = self._is_opened and self._is_owner  # closed before its first call, it still works: as 1.0.0b9
        if self._given_session is not None:
            if self._is_owner:
                await self._given_session.close()
            return
        own = self._sessions.pop(asyncio.get_running_loop(), None)
        if own is not None:
            await own.close()
        self._abandon_sessions()

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

    def _abandon_sessions(self) -> None:
        """Close the sessions of event loops that nobody awaits here."""
        for loop, own in list(self._sessions.items()):
            if loop.is_running() and loop is not _running_loop():
                loop.call_soon_threadsafe(own.abandon)  # it runs in another thread
            else:
                own.abandon()
        self._sessions.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_sessions"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _sessions=weakref.WeakKeyDictionary())

    def __del__(self) -> None:
        if "_sessions" in vars(self):  # otherwise a copy failed before it was complete
            self._abandon_sessions()


class _LoopSession:
    """A session that closes itself when its event loop ends.

    Connections belong to the event loop in which they were opened, and `asyncio.run` does not close them. But it closes
    asynchronous generators that are still running: a generator that is suspended at a `yield` can close the session
    while the loop still runs. asyncio and uvloop do this, and so does every caller of `loop.shutdown_asyncgens`. If a
    loop ends without it, the transport closes the connections.
    """

    def __init__(self, session: aiohttp.ClientSession, closer: AsyncGenerator[None, None]) -> None:
        self.session = session
        self._closer = closer

    @classmethod
    async def open(cls) -> _LoopSession:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
        closer = _close_at_end(session)
        await anext(closer)
        return cls(session, closer)

    async def close(self) -> None:
        await self._closer.aclose()

    def abandon(self) -> None:
        """Close the connections without awaiting: their event loop is not running, or is closed."""
        connector: Any = self.session.connector
        self.session.detach()
        if connector is not None:
            with suppress(AttributeError, RuntimeError):  # the event loop and its connections are closed
                connector._close()  # the public method must be awaited, which is impossible here


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _close_at_end(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await session.close()


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
