"""A block of the network for all clients of this package, and for no other program code."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from .._client import Client
from .._http._secrets import redacted_url
from .._operations._operations import Operations

_request: ContextVar[str | None] = ContextVar("_request", default=None)
"""The request that a client is sending."""


class NetworkError(AssertionError):
    """A client would have reached the network in a test. No client retries or wraps it."""


@contextmanager
def no_network() -> Generator[None]:
    """Make every client of this package fail that would reach the network, also clients that exist already.

    A request for a token that a call makes is one of it. Clients with a
    azure.ai.inference.testing.FakeService work, and so do recordings that are replayed, and other libraries.

    :raises NetworkError: In the program, when a client would reach the network.
    """
    from unittest.mock import patch

    from .._http._outgoing import outgoing_methods
    from ..aio import _client as aio_client
    from ..aio._operations import _operations as aio_operations

    with ExitStack() as stack:

        def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
            stack.enter_context(patch.object(owner, name, make(getattr(owner, name))))

        replace(Operations, "_send", _noting)
        replace(Client, "send_request", _noting)
        replace(aio_operations.Operations, "_send", _noting_async)
        replace(aio_client.Client, "send_request", _noting_async)
        for owner, name in outgoing_methods():
            replace(owner, name, _refusing)
        yield


def _noting(send: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(send)
    def noted(client: Any, request: Any, *args: Any, **options: Any) -> Any:
        token = _request.set(f"{request.method} {redacted_url(request.url)}")
        try:
            return send(client, request, *args, **options)
        finally:
            _request.reset(token)

    return noted


def _noting_async(send: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(send)
    async def noted(client: Any, request: Any, *args: Any, **options: Any) -> Any:
        token = _request.set(f"{request.method} {redacted_url(request.url)}")
        try:
            return await send(client, request, *args, **options)
        finally:
            _request.reset(token)

    return noted


def _refusing(go_out: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(go_out)
    def refused(*args: Any, **options: Any) -> Any:
        request = _request.get()
        if request is None:  # another library
            return go_out(*args, **options)
        raise NetworkError(
            f"A test may not reach the network, and a client would have sent {request}. Make the client of a "
            "FakeService, the fixture `inference_service`: SomeClient(endpoint, credential, **inference_service)."
        )

    return refused
