"""The transport of the service, for sync and async clients, and its responses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Iterator, MutableMapping
from typing import Any

from azure.core.exceptions import HttpResponseError, ResponseNotReadError, StreamClosedError, StreamConsumedError
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from azure.core.utils import CaseInsensitiveDict
from typing_extensions import Self

from .._http._failures import FIRST_ERROR_STATUS, body_error
from ._bodies import phrase
from ._replies import Answer
from ._requests import SentRequest
from ._script import Script


class _Received:
    """What responses of both kinds share: all but reading."""

    def __init__(self, request: HttpRequest, answer: Answer, *, is_stream: bool) -> None:
        self._answer = answer
        self._content: bytes | None = None
        self._request = request
        self._headers: MutableMapping[str, str] = CaseInsensitiveDict(answer.headers)
        self._encoding: str | None = "utf-8"
        self._is_closed = self._is_consumed = False
        if not is_stream:
            self._read()

    @property
    def request(self) -> HttpRequest:
        """The request, without secrets if the response became an exception."""
        return self._request

    @request.setter
    def request(self, value: HttpRequest) -> None:
        self._request = value

    @property
    def headers(self) -> MutableMapping[str, str]:
        """The headers, by their names in any case."""
        return self._headers

    @headers.setter
    def headers(self, value: MutableMapping[str, str]) -> None:
        self._headers = value

    @property
    def status_code(self) -> int:
        """The status."""
        return self._answer.status

    @property
    def reason(self) -> str:
        """The words for the status."""
        return phrase(self._answer.status)

    @property
    def content_type(self) -> str | None:
        """The type of the body."""
        return self._headers["Content-Type"]

    @property
    def url(self) -> str:
        """The URL of the request."""
        return self._request.url

    @property
    def encoding(self) -> str | None:
        """The encoding of the body."""
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def is_closed(self) -> bool:
        """Whether the response was closed."""
        return self._is_closed

    @property
    def is_stream_consumed(self) -> bool:
        """Whether the body has been read to its end."""
        return self._is_consumed

    @property
    def content(self) -> bytes:
        """The body, if it has been read."""
        if self._content is None:
            raise ResponseNotReadError(self)
        return self._content

    def text(self, encoding: str | None = None) -> str:
        """The body as text."""
        return self.content.decode(encoding or self.encoding or "utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        """Raise an exception for a status of an error."""
        if self.status_code >= FIRST_ERROR_STATUS:
            raise HttpResponseError(response=self)

    def _read(self) -> bytes:
        if self._content is None:
            self._content = b"".join(self._pieces())
        return self._content

    def _pieces(self) -> Iterator[bytes]:
        if self._content is not None:
            yield self._content
            return
        if self._is_consumed:
            raise StreamConsumedError(self)
        received = 0
        for piece in self._answer.pieces:
            if self._is_closed:
                raise StreamClosedError(self)
            received += len(piece)
            yield piece
        self._is_consumed = True
        if self._answer.breaks:
            error = ConnectionResetError("the script says so")
            raise body_error(error, self, received) from error


class Response(_Received, HttpResponse):
    """A response for a sync client; awaited, it is one for an async client."""

    def read(self) -> bytes:
        """Read the body."""
        return self._read()

    def iter_raw(self, **kwargs: Any) -> Iterator[bytes]:
        """Iterate over the body."""
        del kwargs
        return self._pieces()

    iter_bytes = iter_raw

    def close(self) -> None:
        """Release the connection, of which there is none."""
        self._is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def __await__(self) -> Generator[None, None, AsyncResponse]:
        yield  # other tasks run meanwhile, as they do while a service answers
        return AsyncResponse(self.request, self._answer, is_stream=self._content is None)


class AsyncResponse(_Received, AsyncHttpResponse):
    """A response for an async client."""

    async def read(self) -> bytes:
        """Read the body."""
        return self._read()

    async def iter_raw(self, **kwargs: Any) -> AsyncIterator[bytes]:
        """Iterate over the body."""
        del kwargs
        for piece in self._pieces():
            yield piece

    iter_bytes = iter_raw

    async def close(self) -> None:
        """Release the connection, of which there is none."""
        self._is_closed = True

    async def __aexit__(self, *details: object) -> None:
        await self.close()


class _Nothing:
    """The result of a method that async clients await, and sync clients ignore."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Transport:
    """The transport of a fake service. A sync client uses what its methods return, an async client awaits it."""

    refuses_unknown_options = True
    """Unknown keywords of calls are an error, as with the transport that a client makes itself."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.waits: list[float] = []
        """The seconds that clients would have waited before retries."""

    def send(self, request: HttpRequest, *, stream: bool = False, **options: Any) -> Response:
        """Answer a request.

        :raises ScriptError: The request does not fit the script.
        :raises azure.core.exceptions.AzureError: The reply is that no response arrives.
        """
        del options  # timeouts, proxies, certificates: nothing is connected
        return Response(request, self._script.answer(SentRequest.of(request)), is_stream=stream)

    def sleep(self, duration: float) -> _Nothing:
        """Record a wait, without waiting."""
        self.waits.append(duration)
        return _Nothing()

    def close(self) -> _Nothing:
        """Do nothing: another client may use the service."""
        return _Nothing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.close()
