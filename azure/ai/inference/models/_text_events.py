"""The events that say what the one before them said, but for the next piece of the text: nearly all of a stream."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from .._json_decoder import decoder
from ._models import StreamingChatCompletionsUpdate

_KEY = b'"content":'
_PATIENCE = 3
_PAYS_AFTER = 8
_OWN_CONTAINERS = 2  # the choices and the delta


class TextEvents:
    """Reads events of text by the example of one that was parsed as a whole.

    Where an event begins and ends with the bytes of the example, only the text between them is parsed: what the rest of
    it says is known.
    """

    def __init__(self) -> None:
        self._decode = decoder()
        self._before = self._after = b""
        self._end = 0
        self._example = StreamingChatCompletionsUpdate()
        self._texts = StringIO()
        self._hits = 0
        self._patience = _PATIENCE

    def read(self, event: bytes) -> StreamingChatCompletionsUpdate | None:
        """Return the update of an event; None where the event is not like the example."""
        before = self._before
        if not before or not event.startswith(before) or not event.endswith(self._after):
            return None
        try:
            text = self._decode(event[len(before) : self._end])
        except (ValueError, RecursionError):
            return None
        if type(text) is not str:
            return None
        self._hits += 1
        self._texts.write(text)
        return self._update(text)

    def _update(self, text: str) -> StreamingChatCompletionsUpdate:
        update = self._example.copy()
        choice = self._example["choices"][0].copy()
        delta = choice["delta"].copy()
        delta["content"] = text
        choice["delta"] = delta
        update["choices"] = [choice]
        return update

    def take(self) -> StreamingChatCompletionsUpdate | None:
        """Return the texts read since the last time as one update; None where there are none."""
        if not self._texts.tell():
            return None
        text = self._texts.getvalue()
        self._texts = StringIO()
        return self._update(text)

    def learn(self, event: bytes, body: dict[str, Any]) -> None:
        """Take another event as the example, with its JSON, if there is a point in that."""
        if self._hits > _PAYS_AFTER:
            self._patience = _PATIENCE
        if not self._patience:
            return
        choice = body["choices"][0]
        delta = choice.get("delta")
        if type(delta) is dict and type(delta.get("content")) is str:
            self._patience -= 1
            self._hits = 0
            if _says_nothing_else(body, choice, delta):
                self._find(event, body)

    def _find(self, event: bytes, body: dict[str, Any]) -> None:
        """Find the bytes before and after the text, and make sure that the text is what they enclose."""
        start = event.find(_KEY) + len(_KEY)
        start = len(event) - len(event[start:].lstrip())
        text = event[start:].decode()
        try:
            _, end = json.JSONDecoder().raw_decode(text)
            before, after = event[:start], text[end:].encode()
            probe = self._decode(before + b"0" + after)
        except ValueError:  # what was found is not the key, or not that of a text
            return
        example = StreamingChatCompletionsUpdate._from_wire(body)
        example["choices"][0]["delta"]["content"] = 0
        if probe == example:
            self._before, self._after, self._end, self._example = before, after, -len(after), example


def _says_nothing_else(body: dict[str, Any], choice: dict[str, Any], delta: dict[str, Any]) -> bool:
    """Whether there is nothing beside the text of an update that adds up, ends the answer, or could be changed.

    Many updates are made of one example: a change of one must not be a change of the others.
    """
    others = [value for key, value in delta.items() if key not in ("content", "role") and value is not None]
    values = [*body.values(), *choice.values(), delta.get("role")]
    containers = sum(isinstance(value, (dict, list)) for value in values)
    is_alone = containers == _OWN_CONTAINERS and len(body["choices"]) == 1
    return is_alone and not others and not choice.get("finish_reason")
