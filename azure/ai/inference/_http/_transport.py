"""The requests-based transport of the sync clients. Importing this module imports requests."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3
from azure.core.exceptions import AzureError
from azure.core.rest import HttpResponse
from requests.utils import get_environ_proxies

from ._byte_stream import body_pieces, whole_body
from ._deadline import Exchange, call_end, current_exchange, is_over
from ._failures import FIRST_ERROR_STATUS, MAX_BODY_BYTES, MAX_EVENT_BYTES, head_error
from ._fork import drop_after_fork
from ._options import CLOSED
from ._session import Session, connections, remember

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._requests_basic import RequestsTransport
else:
    from azure.core.pipeline.transport import RequestsTransport


def _store_body(internal: Any, body: bytes) -> None:
    """Store a body that has been read where requests looks for it, which has no public way to set it."""
    internal.raw.close()  # the connection of a body that was not read to its end must not be used again
    internal._content, internal._content_consumed = body, True


class Transport(RequestsTransport):
    """The azure-core transport with time limits for all reads. It reads the environment once per host.

    requests reads the environment for each request, which takes a fifth of the time of a call. The variables for
    proxies and the CA bundle have the same meaning as in requests. The .netrc entry for the host of the service is not
    used: it would replace the credential of the client. A session that the caller passes is used unchanged.

    :keyword max_body_bytes: How many bytes the body of a response may have, decompressed. Default: 512 MB.
    :keyword max_event_bytes: How many bytes an event of a stream may have. Default: 64 MB.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._makes_session = kwargs.get("session") is None
        uses_environment = kwargs.get("use_env_settings", True)
        self._reads_environment = uses_environment and self._makes_session
        kwargs["use_env_settings"] = uses_environment and not self._reads_environment
        super().__init__(**kwargs)
        self._max_body_bytes: int = kwargs.get("max_body_bytes") or MAX_BODY_BYTES
        self._max_event_bytes: int = kwargs.get("max_event_bytes") or MAX_EVENT_BYTES
        self.bounds_calls = self._makes_session
        """Whether a call ends at its deadline without a shorter `read_timeout`: the connections are ours."""
        self._is_opened = False
        self._proxies: dict[str, dict[str, str]] = {}
        self._proxies_by_url: dict[str, dict[str, str]] = {}
        self._ca_bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        drop_after_fork(self)

    def open(self) -> None:
        """Open a session, unless there is one."""
        if self.session is None and self._is_opened:
            raise ValueError(CLOSED)
        if self.session is None:
            self.session = Session()
        self._is_opened = True
        base: Any = super()
        base.open()

    def send(self, request: Any, *, proxies: MutableMapping[str, str] | None = None, **config: Any) -> Any:
        """Send a request with the proxy and the CA bundle of the caller or of the environment."""
        if self._reads_environment:
            found = self._proxies_by_url.get(request.url)
            proxies = {**(self._environment_proxies(request.url) if found is None else found), **(proxies or {})}
            if self._ca_bundle and config.get("connection_verify", self.connection_config.verify) is True:
                config["connection_verify"] = self._ca_bundle
        exchange = Exchange(call_end.get())
        token = current_exchange.set(exchange)
        try:
            sent: Any = super().send(request, proxies=proxies, **{**config, "stream": True})
        except AzureError as error:
            was_sent = exchange.reader is not None or not self._makes_session
            better = head_error(error, exchange.received, was_sent=was_sent, is_late=is_over(exchange.end))
            raise better from (error.inner_exception if better is error else error)
        finally:
            current_exchange.reset(token)
        return self._receive(sent, exchange, is_stream=bool(config.get("stream")))

    def _receive(self, sent: Any, exchange: Exchange, *, is_stream: bool) -> Any:
        """Read the body, unless the caller streams it. The body of a redirect is read: nobody else would close it.

        The body is not read by requests, because requests reports a connection that breaks or stalls within the body as
        a failure to connect, and azure-core would send the request again.
        """
        if sent.status_code >= FIRST_ERROR_STATUS:
            exchange.bound_error_body()
            is_stream = is_stream and "location" not in sent.headers
        elif is_stream:
            exchange.lift()
        sent.max_body_bytes, sent.max_event_bytes = self._max_body_bytes, self._max_event_bytes
        internal = sent.internal_response
        is_new = issubclass(
            type(sent), HttpResponse
        )  # otherwise the request was made with the older classes of azure-core
        if is_new and isinstance(internal.raw, urllib3.HTTPResponse):
            # azure-core has no public name for what reads its bodies
            sent._stream_download_generator = body_pieces if is_stream else whole_body
        if not is_stream:
            try:
                _store_body(internal, sent.read() if is_new else b"".join(whole_body(sent, None)))
            finally:
                internal.close()
        return sent

    def _environment_proxies(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = get_environ_proxies(url)
        return remember(self._proxies_by_url, url, self._proxies[host])

    def descriptors(self) -> Iterator[int]:
        """The file descriptors of the connections."""
        for connection in list(connections):
            socket = getattr(connection, "sock", None)
            if socket is not None:
                yield socket.fileno()

    def forget_connections(self) -> Any:
        """Stop using the connections, without closing them. Returns what holds them."""
        session = self.session
        vars(self).update(self.__getstate__())
        return session

    def __getstate__(self) -> dict[str, Any]:
        """The state of a copy, which opens connections of its own."""
        state = dict(vars(self))
        if self._makes_session and self.session is not None:
            state.update(session=None, _is_opened=False)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        drop_after_fork(self)
