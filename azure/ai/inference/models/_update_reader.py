"""A streamed response: bytes in, updates out, without I/O. Both stream classes feed this reader.

A stream is in one of five states. `feed` and `end` are told what the body holds, and only queue events;
`next_update` takes one event from the queue at a time, and moves the reader on:

    preamble      No event has been found yet: the body may be no event stream at all, so its head is kept.
                  `feed` leaves this state for `reading` with the first event.
    reading       Events become updates. `next_update` leaves this state.
    done          The answer is complete: after [DONE], or at the end of the body if a finish_reason came before it.
                  The stream, too, sets `done`: a stream that is closed has nothing more to say.
    failed        An error in the body was raised: an error object, what cannot be decoded, a body that ended
                  prematurely. `done` is set here, and `failure` by the stream, which knows of broken connections too.
    ended         The body is over (`end` was called), but events are still in the queue; one of the three above follows
                  when the queue is empty.

As events wait in the queue until they are asked for, an error is raised after every update that arrived before it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from azure.core.exceptions import AzureError, DecodeError

from .._errors import Response, body_error, decode_error, event_too_long_error, incomplete_error
from .._http._failures import MAX_EVENT_BYTES
from .._json import decoder
from .._sse import EventDecoder
from ._accumulator import CompletionAccumulator
from ._event_templates import EventTemplates, replace_text
from ._history import History
from ._models import ChatCompletions, StreamingChatCompletionsUpdate

_DONE = b"[DONE]"
_EVENT_STREAM_FIELDS = (b":", b"data", b"event", b"id", b"retry")
_OBJECT_OR_NULL = frozenset((dict, type(None)))
_PREAMBLE_LIMIT = 65_536


class UpdateReader:
    """Turns the body of a streamed response into updates. The states are described at the top of this module."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self._decode = decoder()
        self._decoder = EventDecoder()
        self._events: deque[bytes] = deque()
        self._history = History()
        self._templates = EventTemplates(self._history)
        self._accumulator = CompletionAccumulator()
        self._preamble: bytearray | None = bytearray()
        self._unterminated: bytes | None = None
        self._max_event_bytes: int = getattr(response, "max_event_bytes", MAX_EVENT_BYTES)
        is_json = (getattr(response, "content_type", None) or "").startswith("application/json")
        self._preamble_limit = self._max_event_bytes if is_json else _PREAMBLE_LIMIT
        self._unfinished_bytes = 0
        """How many bytes have come since the last event ended."""
        self._has_finish_reason = False
        self._has_ended = False
        self.done = False
        """Whether the answer is over: nothing more is to be read."""
        self.failure: AzureError | None = None
        """The exception that the stream ended with, if any."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body.

        :raises azure.core.exceptions.HttpResponseError: No event ends within `max_event_bytes`.
        """
        events = self._decoder.feed(chunk)
        if events:
            self._events.extend(events)
            self._preamble, self._unfinished_bytes = None, 0
            return
        self._unfinished_bytes += len(chunk)
        if self._unfinished_bytes > self._max_event_bytes:
            raise event_too_long_error(self._response, self._max_event_bytes)
        if self._preamble is not None and len(self._preamble) < self._preamble_limit:
            self._preamble += chunk

    def end(self) -> None:
        """Take the end of the body."""
        for event in self._decoder.flush():
            self._unterminated = event
            self._events.append(event)
        self._has_ended = True

    def next_update(self) -> StreamingChatCompletionsUpdate | None:
        """Return the next update; None if more bytes are needed, or if the answer is over.

        :raises azure.core.exceptions.DecodeError: An event is not a valid response of this API.
        :raises azure.core.exceptions.IncompleteReadError: The service sent an error, or the body ended prematurely.
        """
        events = self._events
        while events and not self.done:
            event = events.popleft()
            update = self._templates.read(event) or self._read(event)
            if update is not None:
                return update
        if self._has_ended and not self.done:
            self.done = True
            if not self._has_finish_reason:
                return self._read_preamble()
        return None

    def completion(self) -> ChatCompletions:
        """Return what has been read so far as one completion, or raise again what the stream ended with.

        Events are parsed a second time for it: accumulating each one as it comes would cost every reader of a stream.
        """
        if self.failure is not None:
            raise self.failure
        return self.current_completion()

    def current_completion(self) -> ChatCompletions:
        """Return what has been read so far as one completion. What an earlier call accumulated is kept."""
        self._templates.end_runs()
        for event, run in self._history.take():
            body = self._decode(event)
            if run:
                replace_text(body, *run)
            self._accumulator.add(body)
        return self._accumulator.completion()

    def _read(self, event: bytes) -> StreamingChatCompletionsUpdate | None:
        try:
            body = self._decode(event)
        except ValueError as error:
            self._read_unparsable(event.strip(), error)
            return None
        update = self._update(body, event)
        if update is not None and body.get("choices"):
            self._templates.learn(event, body)
        return update

    def _read_unparsable(self, event: bytes, error: Exception) -> None:
        if event == _DONE:
            self.done = True
            return
        lines = event.split(b"\n")
        if len(lines) > 1 and all(map(self._is_document, lines)):
            self._events.extendleft(reversed(lines))
        elif event:
            if self._unterminated is not None and not self._events:
                self.done = True
                raise incomplete_error(self._response) from error
            raise self._undecodable(event, error) from error

    def _update(self, body: Any, event: bytes) -> StreamingChatCompletionsUpdate | None:
        if type(body) is not dict:
            if body is None:
                return None
            raise self._undecodable(event)
        choices = body.get("choices")
        if body.get("error") or (choices is None and ("message" in body or "detail" in body)):
            self.done = True
            raise body_error(self._response, body)
        if choices is not None and type(choices) is not list:
            raise self._undecodable(event)
        for choice in choices or ():
            if type(choice) is not dict or {type(choice.get("delta")), type(choice.get("message"))} - _OBJECT_OR_NULL:
                raise self._undecodable(event)
            if choice.get("finish_reason"):
                self._has_finish_reason = True
        self._history.add(event)
        if not choices and not body.get("usage"):
            return None
        return StreamingChatCompletionsUpdate._from_wire(body)

    def _read_preamble(self) -> StreamingChatCompletionsUpdate | None:
        """Read a body in which no event was found: a JSON document, or an HTML or text error page."""
        text = bytes(self._preamble or b"").strip()
        if all(line.startswith(_EVENT_STREAM_FIELDS) for line in text.splitlines() if line):
            raise incomplete_error(self._response)
        try:
            body = self._decode(text)
        except ValueError as error:
            raise self._undecodable(text, error) from error
        update = self._update(body, text)
        if update is None:
            raise self._undecodable(text)
        return _as_update(update)

    def _undecodable(self, text: bytes, cause: Exception | None = None) -> DecodeError:
        self.done = True
        return decode_error(self._response, text.decode(errors="replace"), cause)

    def _is_document(self, text: bytes) -> bool:
        """Whether `text` is an event of its own."""
        if text.strip() == _DONE:
            return True
        try:
            self._decode(text)
        except ValueError:
            return False
        return True


def _as_update(completions: StreamingChatCompletionsUpdate) -> StreamingChatCompletionsUpdate:
    """A completion that came whole, in the form of an update."""
    for choice in completions.choices:
        choice["delta"] = choice.pop("message", {})
    return completions
