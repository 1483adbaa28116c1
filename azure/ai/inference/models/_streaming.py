"""Reading a streamed answer: bytes in, updates out, without I/O. Both stream classes stand on this."""

from __future__ import annotations

from collections import deque
from typing import Any

from azure.core.exceptions import AzureError, DecodeError

from .._errors import Response, decode_error, event_error, incomplete_error
from .._json_decoder import decoder
from .._sse import EventDecoder
from ._folding import CompletionFolder
from ._models import ChatCompletions, StreamingChatCompletionsUpdate
from ._text_events import TextEvents

_DONE = b"[DONE]"
_EVENT_STREAM_FIELDS = (b":", b"data", b"event", b"id", b"retry")
_PREAMBLE_LIMIT = 65_536


class UpdateReader:
    """Turns the body of a streamed response into updates.

    An event is parsed when the next update is asked for, so an error in the stream comes after every update that
    arrived before it.
    """

    def __init__(self, response: Response) -> None:
        self._response = response
        self._decode = decoder()
        self._decoder = EventDecoder()
        self._events: deque[bytes] = deque()
        self._texts = TextEvents()
        self._log: list[bytes | StreamingChatCompletionsUpdate] = []
        self._preamble: bytearray | None = bytearray()
        self._unterminated: bytes | None = None
        self._has_finish_reason = False
        self._has_ended = False
        self.done = False
        """Whether the answer is over: nothing more is to be read."""
        self.failure: AzureError | None = None
        """Why the stream broke off."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        events = self._decoder.feed(chunk)
        self._events.extend(events)
        if events:
            self._preamble = None
        elif self._preamble is not None and (self._is_json() or len(self._preamble) < _PREAMBLE_LIMIT):
            self._preamble += chunk

    def end(self) -> None:
        """Take the end of the body."""
        for event in self._decoder.flush():
            self._unterminated = event
            self._events.append(event)
        self._has_ended = True

    def next_update(self) -> StreamingChatCompletionsUpdate | None:
        """Return the next update; None where it takes more bytes, or where the answer is over.

        :raises ~azure.core.exceptions.HttpResponseError: The service sent an error.
        :raises ~azure.core.exceptions.DecodeError: The service sent what is not of the API.
        :raises ~azure.core.exceptions.IncompleteReadError: The body ended before the answer did.
        """
        events = self._events
        while events and not self.done:
            event = events.popleft()
            update = self._texts.read(event) or self._read(event)
            if update is not None:
                return update
        if self._has_ended and not self.done:
            self.done = True
            if not self._has_finish_reason:
                return self._read_preamble()
        return None

    def completion(self) -> ChatCompletions:
        """Return what has been read so far as one completion, or raise again what the stream ended with.

        Events are parsed once more for it: folding each as it comes would cost every reader of a stream.
        """
        if self.failure is not None:
            raise self.failure
        self._log_texts()
        folder = CompletionFolder()
        for entry in self._log:
            folder.add(self._decode(entry) if isinstance(entry, bytes) else entry)
        return folder.completion()

    def _log_texts(self) -> None:
        texts = self._texts.take()
        if texts is not None:
            self._log.append(texts)

    def _read(self, event: bytes) -> StreamingChatCompletionsUpdate | None:
        self._log_texts()
        try:
            body = self._decode(event)
        except (ValueError, RecursionError) as error:
            self._read_unparsable(event.strip(), error)
            return None
        update = self._update(body, event)
        if update is not None and body.get("choices"):
            self._texts.learn(event, body)
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
            raise self._undecodable(event) from error

    def _update(self, body: Any, event: bytes) -> StreamingChatCompletionsUpdate | None:
        if type(body) is not dict:
            if body is None:
                return None
            raise self._undecodable(event)
        choices = body.get("choices")
        if body.get("error") or (choices is None and ("message" in body or "detail" in body)):
            self.done = True
            raise event_error(self._response, body)
        if choices is not None and type(choices) is not list:
            raise self._undecodable(event)
        for choice in choices or ():
            if type(choice) is not dict:
                raise self._undecodable(event)
            if choice.get("finish_reason"):
                self._has_finish_reason = True
        self._log.append(event)
        if not choices and not body.get("usage"):
            return None
        return StreamingChatCompletionsUpdate._from_wire(body)

    def _read_preamble(self) -> StreamingChatCompletionsUpdate | None:
        """Read a body in which no event was found: a JSON document, or an explanation for people."""
        text = bytes(self._preamble or b"").strip()
        if all(line.startswith(_EVENT_STREAM_FIELDS) for line in text.splitlines() if line):
            raise incomplete_error(self._response)
        try:
            body = self._decode(text)
        except (ValueError, RecursionError) as error:
            raise self._undecodable(text) from error
        update = self._update(body, text)
        if update is None:
            raise self._undecodable(text)
        return _as_update(update)

    def _undecodable(self, text: bytes) -> DecodeError:
        self.done = True
        return decode_error(self._response, text.decode(errors="replace"))

    def _is_document(self, text: bytes) -> bool:
        """Whether `text` can stand as an event of its own."""
        if text.strip() == _DONE:
            return True
        try:
            self._decode(text)
        except (ValueError, RecursionError):
            return False
        return True

    def _is_json(self) -> bool:
        return (self._response.content_type or "").startswith("application/json")


def _as_update(completions: StreamingChatCompletionsUpdate) -> StreamingChatCompletionsUpdate:
    """An answer that came whole, in the form of an update."""
    for choice in completions.choices:
        choice["delta"] = choice.pop("message", {})
    return completions
