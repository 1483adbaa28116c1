"""What sends the requests of async clients. Importing this needs aiohttp."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

# The public name is looked up when it is used, and type checkers cannot follow that.
from azure.core.pipeline.transport._aiohttp import AioHttpTransport


class Transport(AioHttpTransport):
    """The transport of azure-core, which closes its connections quietly when nothing refers to it any more."""

    def __del__(self) -> None:
        session = self.session
        if session is None or session.connector is None or not self._session_owner:
            return
        connector: Any = session.connector
        session.detach()
        with suppress(AttributeError, RuntimeError):  # the event loop has ended, and with it the connections
            connector._close()  # the public way can only be awaited
