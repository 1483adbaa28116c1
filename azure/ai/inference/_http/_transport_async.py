"""The aiohttp-based transport of the async clients. Importing this module requires aiohttp."""

from __future__ import annotations

import asyncio
import netrc
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.exceptions import (
    AzureError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.core.rest._aiohttp import RestAioHttpTransportResponse
from multidict import CIMultiDict

from ._body_async import Body
from ._deadline import call_end, is_over
from ._decoding import ACCEPTED_ENCODINGS
from ._failures import FIRST_ERROR_STATUS, MAX_BODY_BYTES, MAX_EVENT_BYTES, head_error
from ._fork import drop_after_fork
from ._options import CLOSED
from ._response_async import Exchange, body_pieces, current_exchange
from ._session_async import LoopSession, running_loop

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._aiohttp import AioHttpTransport
else:
    from azure.core.pipeline.transport import AioHttpTransport


class Transport(AioHttpTransport):
    """The azure-core transport with a session for each event loop, and with an unlimited connection pool.

    It reads the proxies of the environment once per host; aiohttp reads them in a thread for each request. It closes
    its connections when their event loop ends or when it is garbage-collected, without the warnings of aiohttp. A
    session that the caller passes is used unchanged.

    :keyword max_body_bytes: How many bytes the body of a response may have, decompressed. Default: 512 MB.
    :keyword max_event_bytes: How many bytes an event of a stream may have. Default: 64 MB.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._sessions: dict[asyncio.AbstractEventLoop, LoopSession] = {}
        self._given_session: aiohttp.ClientSession | None = None
        super().__init__(**kwargs)
        self._max_body_bytes: int = kwargs.get("max_body_bytes") or MAX_BODY_BYTES
        self._max_event_bytes: int = kwargs.get("max_event_bytes") or MAX_EVENT_BYTES
        self._is_owner = kwargs.get("session_owner", True)
        self._is_opened = self._is_closed = False
        self._reads_environment = self._given_session is None and kwargs.get("use_env_settings", True)
        self._proxies: dict[tuple[str, str], str | None] = {}
        self._tls_contexts: dict[Any, Any] = {}
        drop_after_fork(self)

    @property
    def session(self) -> aiohttp.ClientSession | None:
        """The session of the caller, or else the session of the running event loop."""
        if self._given_session is not None:
            return self._given_session
        loop = running_loop()
        return None if loop is None or loop not in self._sessions else self._sessions[loop].session

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
                self._abandon_sessions(only_of_closed_loops=True)
                self._sessions[loop] = await LoopSession.open()

    async def close(self) -> None:
        """Close the connections. Closing twice is fine."""
        self._is_closed = self._is_opened and self._is_owner  # closed before its first call, it still works: as 1.0.0b9
        if self._given_session is not None and not self._is_owner:
            return
        own, session = self._sessions.get(asyncio.get_running_loop()), self.session
        if own is not None:
            own.close_responses()
        if session is not None:
            await session.close()
        self._abandon_sessions()

    async def send(self, request: Any, *, proxies: Any = None, **config: Any) -> Any:
        """Send a request with the proxy of the caller or of the environment."""
        if self._reads_environment and not proxies and "proxy" not in config:
            config["proxy"] = self._proxy_for(request.url)
        self._choose_certificates(config)
        if "accept-encoding" not in request.headers:  # aiohttp would offer what it decompresses, which is not used here
            request.headers["Accept-Encoding"] = ACCEPTED_ENCODINGS
        exchange = Exchange(config.get("read_timeout", self.connection_config.read_timeout), call_end.get())
        token = current_exchange.set(exchange)
        try:
            if self._given_session is None and _is_simple(request, config):
                sent = await self._send_simple(request, proxies, config)
            else:
                sent = await super().send(request, proxies=proxies, **{**config, "stream": True})
        except AzureError as error:
            was_sent = exchange.is_connected
            better = head_error(error, exchange.received, was_sent=was_sent, is_late=is_over(exchange.end))
            raise better from (error.inner_exception if better is error else error)
        finally:
            current_exchange.reset(token)
        return await self._receive(sent, exchange, is_stream=bool(config.get("stream")))

    async def _send_simple(self, request: HttpRequest, proxies: Any, config: dict[str, Any]) -> Any:
        """Send a request of text or bytes as azure-core does, with fewer calls and without the timers of aiohttp."""
        await self.open()
        session: Any = self.session
        content: Any = request.content
        options: dict[str, Any] = {} if content else {"skip_auto_headers": ("Content-Type",)}
        if "ssl" in config or config.get("connection_verify", self.connection_config.verify) is False:
            options["ssl"] = config.get("ssl", False)
        try:
            response = await session.request(
                request.method,
                request.url,
                headers=CIMultiDict(request.headers),
                data=content,
                timeout=aiohttp.ClientTimeout(
                    sock_connect=config.get("connection_timeout", self.connection_config.timeout)
                ),
                allow_redirects=False,
                proxy=config.get("proxy") or _proxy_of(proxies, request.url),
                **options,
            )
        except aiohttp.ClientResponseError as error:
            raise ServiceResponseError(error, error=error) from error
        except asyncio.TimeoutError as error:
            raise ServiceResponseTimeoutError(error, error=error) from error
        except aiohttp.ClientError as error:
            raise ServiceRequestError(error, error=error) from error
        return RestAioHttpTransportResponse(
            request=request, internal_response=response, block_size=self.connection_config.data_block_size
        )

    async def _receive(self, sent: Any, exchange: Exchange, *, is_stream: bool) -> Any:
        """Read the body, unless the caller streams it. The body of a redirect is read: nobody else would close it."""
        internal = sent.internal_response
        body = Body(sent, self._max_body_bytes, exchange.read_timeout, exchange.end, is_decoded=not sent._decompress)
        internal.body_reader, sent._decompress = body, False
        sent._stream_download_generator = body_pieces  # azure-core has no public name for what reads its bodies
        sent.max_event_bytes = self._max_event_bytes
        if is_stream and not (sent.status_code >= FIRST_ERROR_STATUS and "location" in sent.headers):
            body.bound(None)
            return sent
        try:
            # aiohttp has no public way to set a body. A session of the user would read it without a limit.
            internal._body = await body.rest()
            await _complete(sent, internal)
        except BaseException:
            internal.close()
            raise
        return sent

    def _choose_certificates(self, config: dict[str, Any]) -> None:
        """Make one TLS context for each choice of certificates: aiohttp keeps connections for each context."""
        verify = config.get("connection_verify", self.connection_config.verify)
        certificate = config.get("connection_cert", self.connection_config.cert)
        if certificate is None and verify in (True, False):
            return
        choice = verify, certificate
        if choice not in self._tls_contexts:
            base: Any = super()
            self._tls_contexts[choice] = base._build_ssl_config(certificate, verify)
        config.update(connection_verify=True, connection_cert=None, ssl=self._tls_contexts[choice])

    def _proxy_for(self, url: str) -> str | None:
        parts = urlsplit(url)
        target = parts.scheme, parts.hostname or ""
        if target not in self._proxies:
            self._proxies[target] = _proxy_from_environment(*target)
        return self._proxies[target]

    def _abandon_sessions(self, *, only_of_closed_loops: bool = False) -> None:
        """Close sessions without awaiting: their event loops run elsewhere, or do not run."""
        for loop in list(self._sessions):
            if loop.is_closed() or not only_of_closed_loops:
                self._sessions.pop(loop).abandon()

    def descriptors(self) -> Iterator[int]:
        """The file descriptors of the connections."""
        for own in list(self._sessions.values()):
            yield from own.descriptors()

    def forget_connections(self) -> Any:
        """Stop using the connections, without closing them. Returns what holds them."""
        inherited, self._sessions = self._sessions, {}
        return inherited

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_sessions", "_tls_contexts")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _sessions={}, _tls_contexts={})
        drop_after_fork(self)

    def __del__(self) -> None:
        if "_sessions" in vars(self):  # otherwise a copy failed before it was complete
            self._abandon_sessions()


_SIMPLE_OPTIONS = frozenset(
    ("stream", "proxy", "ssl", "read_timeout", "connection_timeout", "connection_verify", "connection_cert")
)


def _is_simple(request: Any, config: dict[str, Any]) -> bool:
    """Whether a request, of the newer classes of azure-core, has text or bytes as its body, and no options."""
    if not isinstance(request, HttpRequest) or not config.keys() <= _SIMPLE_OPTIONS:
        return False
    return request.content is None or isinstance(request.content, (str, bytes))


def _proxy_of(proxies: Any, url: str) -> str | None:
    """The proxy for a URL, of those that a call names by the beginnings of URLs: a longer one is more exact."""
    return next((proxies[start] for start in sorted(proxies or (), reverse=True) if url.startswith(start)), None)


async def _complete(sent: Any, internal: Any) -> None:
    """Let a response of azure-core know that its body has been read."""
    body = await internal.read()  # waits until the connection can be kept
    if isinstance(sent, AsyncHttpResponse):
        # What `read` sets, which also gives up the event loop for a moment.
        complete: Any = sent
        complete._content, complete._is_stream_consumed, complete._is_closed = body, True, True
        internal.close()
    else:
        await sent.load_body()


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
