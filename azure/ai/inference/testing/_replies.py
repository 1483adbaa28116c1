"""What a script can reply: which requests a reply fits, and what is sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError

from .._body import encode
from .._http._failures import head_error
from . import _bodies
from ._requests import CHAT, EMBEDDINGS, IMAGE_EMBEDDINGS, INFO, SentRequest

_DONE = b"data: [DONE]\n\n"
_JSON, _EVENTS = "application/json", "text/event-stream"


@dataclass(frozen=True)
class Answer:
    """What the service sends for one request."""

    pieces: Sequence[bytes]
    """The body, in the pieces in which it arrives."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": _JSON})
    breaks: bool = False
    """Whether the connection breaks after the last piece."""


class Reply(ABC):
    """A reply of a script."""

    fits = "any call"
    """The calls that the reply is for, in words."""

    def matches(self, request: SentRequest) -> bool:
        """Whether the reply is for such a request."""
        del request
        return True

    @abstractmethod
    def answer(self, request: SentRequest) -> Answer:
        """What is sent.

        :raises azure.core.exceptions.AzureError: The reply is that no response arrives.
        """


def _json(body: Mapping[str, Any]) -> Answer:
    return Answer([encode(body).encode()])


def _events(bodies: Sequence[Mapping[str, Any]], breaks_after: int | None = None) -> Answer:
    events = [f"data: {encode(body)}\n\n".encode() for body in bodies]
    if breaks_after is None:
        return Answer([*events, _DONE], headers={"Content-Type": _EVENTS})
    return Answer(events[:breaks_after], headers={"Content-Type": _EVENTS}, breaks=True)


@dataclass
class Completion(Reply):
    """A whole completion: its text, its body, or a function that makes one of both."""

    content: str | Mapping[str, Any] | Callable[[SentRequest], str | Mapping[str, Any]]
    finish_reason: str
    fits = "complete() without stream=True"

    def matches(self, request: SentRequest) -> bool:
        """Whether a completion is asked for, but no stream."""
        return request.route == CHAT and not request.stream

    def answer(self, request: SentRequest) -> Answer:
        """The completion."""
        content = self.content(request) if callable(self.content) else self.content
        if isinstance(content, Mapping):
            return _json(content)
        if not isinstance(content, str):
            raise TypeError(f"The function must return a text or a mapping, not {type(content).__name__}.")
        return _json(_bodies.completion(request, {"content": content}, self.finish_reason))


@dataclass
class Stream(Reply):
    """A stream: fragments of text and bodies of updates."""

    updates: Sequence[str | Mapping[str, Any]]
    finish_reason: str
    breaks_after: int | None = None
    fits = "complete(stream=True)"

    def matches(self, request: SentRequest) -> bool:
        """Whether a stream is asked for."""
        return request.route == CHAT and request.stream

    def answer(self, request: SentRequest) -> Answer:
        """The stream: with bodies that were given, what was given and nothing else."""
        made: list[Mapping[str, Any]]
        if all(isinstance(given, str) for given in self.updates):
            deltas = [{"content": text} for text in self.updates]
            made = [*_bodies.updates(request, deltas, self.finish_reason)]
        else:
            made = [
                _bodies.update(request, {"content": given}) if isinstance(given, str) else given
                for given in self.updates
            ]
        return _events(made, self.breaks_after)


@dataclass
class ToolCalls(Reply):
    """Tool calls, in a whole completion or in a stream, as the request asks."""

    calls: list[_bodies.ToolCall]
    ids: count[int]
    fits = "complete()"

    def matches(self, request: SentRequest) -> bool:
        """Whether a completion is asked for."""
        return request.route == CHAT

    def answer(self, request: SentRequest) -> Answer:
        """The calls, with ids that no other call has."""
        ids = [f"call-{next(self.ids)}" for _ in self.calls]
        if request.stream:
            deltas = list(_bodies.tool_call_deltas(self.calls, ids))
            return _events(list(_bodies.updates(request, deltas, "tool_calls")))
        message = {"content": None, "tool_calls": _bodies.tool_calls(self.calls, ids)}
        return _json(_bodies.completion(request, message, "tool_calls"))


@dataclass
class Embeddings(Reply):
    """A vector for each input: those that are given, or made ones."""

    vectors: Sequence[Sequence[float]]
    dimensions: int | None

    def __post_init__(self) -> None:
        count_in_words = f" with {len(self.vectors)} inputs, as there are vectors"
        self.fits = f"embed(){count_in_words if self.vectors else ''}"

    def matches(self, request: SentRequest) -> bool:
        """Whether vectors are asked for, as many as were given."""
        return request.route in (EMBEDDINGS, IMAGE_EMBEDDINGS) and len(self.vectors) in (0, len(request.input))

    def answer(self, request: SentRequest) -> Answer:
        """The vectors."""
        vectors: Sequence[Sequence[float]] = self.vectors
        if not vectors:
            dimensions = self.dimensions or request.keywords.get("dimensions") or _bodies.DEFAULT_DIMENSIONS
            vectors = [_bodies.made_vector(value, dimensions) for value in request.input]
        return _json(_bodies.embeddings(request, vectors))


@dataclass
class Info(Reply):
    """The information about the model."""

    fields: Mapping[str, str]
    fits = "get_model_info() and load_client()"

    def matches(self, request: SentRequest) -> bool:
        """Whether it is asked for."""
        return request.route == INFO

    def answer(self, request: SentRequest) -> Answer:
        """The information."""
        del request
        return _json(self.fields)


@dataclass
class ErrorStatus(Reply):
    """An error of the service, for any request."""

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None

    def answer(self, request: SentRequest) -> Answer:
        """The error."""
        del request
        headers = {"Content-Type": _JSON, "x-ms-error-code": str(self.body["error"]["code"])}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return Answer([encode(self.body).encode()], self.status, headers)


@dataclass
class NoResponse(Reply):
    """An error of the network, for any request."""

    error: BaseException | type[BaseException]

    def answer(self, request: SentRequest) -> Answer:
        """Raise what a transport raises for the error."""
        del request
        error = self.error() if isinstance(self.error, type) else self.error
        if isinstance(error, AzureError):
            raise error
        raise _as_azure_error(error) from error


def _as_azure_error(error: BaseException) -> AzureError:
    if isinstance(error, (TimeoutError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError)):
        return head_error(ServiceResponseError(error, error=error), 0, was_sent=True, is_late=False)
    return ServiceRequestError(error, error=error)
