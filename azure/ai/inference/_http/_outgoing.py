"""The methods of urllib3 and aiohttp through which every request leaves the program, for tests that forbid it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # azure-core exports the public name dynamically: type checkers do not find it
    from azure.core.pipeline.transport._requests_asyncio import AsyncioRequestsTransport
else:
    from azure.core.pipeline.transport import AsyncioRequestsTransport


def outgoing_methods() -> Iterator[tuple[Any, str]]:
    """Yield each class and the name of its method. What recorders and fakes replace is nearer to the program.

    A new connection is opened first, and for a connection that was kept, nothing is opened.
    """
    from urllib3.connection import HTTPConnection, HTTPSConnection

    yield AsyncioRequestsTransport, "send"  # its requests are sent by another thread
    yield from ((HTTPConnection, "connect"), (HTTPSConnection, "connect"), (HTTPConnection, "request"))
    if importlib.util.find_spec("aiohttp") is not None:
        from aiohttp import BaseConnector

        yield BaseConnector, "connect"
