"""What the recorders of each semantic convention share.

Exceptions of a recorder are logged at DEBUG and never reach the caller.
"""

from __future__ import annotations

import functools
import json
import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from typing_extensions import ParamSpec

from ._tool_loop import ToolCall, ToolObserver
from .models._streams import StreamObserver

PORTS = {"http": 80, "https": 443}
_P = ParamSpec("_P")
_logger = logging.getLogger(__name__)


class CallRecorder(StreamObserver, Protocol):
    """Records one call of a client: it observes the stream, if the call returns one. None of its methods raises."""

    @abstractmethod
    def current(self) -> AbstractContextManager[Any]:
        """Return a context in which the span is current: the spans of HTTP requests become its children."""

    def end(self, response: Mapping[str, Any] | None = None) -> None:
        """End the span with the response, by default the accumulated updates of a stream. Ending it twice is fine."""


class Convention(Protocol):
    """Makes the recorders of one semantic convention."""

    records_content: bool
    """Whether the content of messages and answers is recorded."""

    @abstractmethod
    def call_recorder(self, operation: str, endpoint: str, content: str | bytes | None) -> CallRecorder:
        """Return the recorder of a call.

        :param operation: "chat" or "embeddings".
        :param endpoint: The URL of the endpoint.
        :param content: The request body.
        """

    @abstractmethod
    def tool_recorder(self, call: ToolCall) -> ToolObserver:
        """Return the recorder of a call of a tool by `run_tools`."""


def safely(method: Callable[_P, None]) -> Callable[_P, None]:
    """Wrap a method of a recorder to log exceptions instead of raising them."""

    @functools.wraps(method)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception:
            _logger.debug("A part of a span could not be recorded.", exc_info=True)

    return call


def parse_body(content: str | bytes | None) -> Mapping[str, Any]:
    """Parse a request body; return an empty dict if it is not a JSON object."""
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def qualified_name(cls: type) -> str:
    """Return the full name of an exception class, for `error.type`."""
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
