"""Fast path of streams: of an event that resembles an earlier one, only what differs is parsed.

Nearly all events of a stream repeat an earlier one byte for byte, but for a text and perhaps a value beside it: random
padding, the usage so far. To parse an event and to make an update of it takes 7 to 11 us. One that matches a template
takes 2 to 4, or 8 with log probabilities: its constant parts are compared, what differs is decoded, and a few objects
are copied (CPython 3.11, events of 200 to 600 bytes).

A template is an event that was parsed, cut at the values that it did not share with the event before it of the same
choice. These values are its holes. They stand in the objects of `_PATH`, and the cut is verified once: with a number in
place of each hole, the event must be parsed as itself with these numbers. From then on

    constant + <JSON value> + constant + <JSON value> + constant

can only be the template with other values, as JSON has one reading. A value has to have the type that it had before,
and one outside the message must not be empty: so no error, no finish_reason and no choice comes or goes unnoticed.

Updates share nothing that can change: whatever the template holds is copied for each, constant or not.

For the whole completion, the texts of events of one template are kept as one text, if nothing else in these events adds
up. That changes their order: a run of texts stays open while events of another template come, but only if these belong
to another choice and agree in all that the choices share. Any other event ends the open runs first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from typing import Any

from .._json import decoder, scan, scanner, scans
from .._model_base import new
from ._fragments import ATOMIC_KEYS, NOT_ACCUMULATED, adds_up
from ._history import History
from ._models import StreamingChatCompletionsUpdate

_PATH = ("choices", "delta", "tool_calls", "function")
"""The keys from an update to the objects within each other in which the holes stand: lists have one item."""
_CHOICE, _MESSAGE, _USAGE = 1, 2, -1
"""The positions of the choice, of the first object of the message, and of the usage, which stands at the end."""

# To compare an event with the one before it takes 3 us, to make a template 30. A template saves 4 us or more for each
# match. A service that changes something else in each event never repays it, so no template is made after
# _MAX_ATTEMPTS events that were compared in a row, until a template matches more than _MIN_MATCHES times. Each choice
# needs three attempts: its first event names the role, and two more show what differs.
_MAX_ATTEMPTS = 24
_MIN_MATCHES = 8
_MAX_TEMPLATES = 8
_LONG = 65_536
"""Longer events make no template: a stream does not repeat them."""

_Json = dict[str, Any]
_Place = tuple[int, str]
"""The position of an object in the path, and a key of it."""


class EventTemplates:
    """Reads events with the help of templates, as described at the top of this module.

    :param history: Takes the events that are read.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._templates: list[_Template] = []
        self._running: list[_Template] = []
        self._previous: dict[int, _Json] = {}
        self._matches = 0
        self._attempts_left = _MAX_ATTEMPTS

    def read(self, event: bytes) -> StreamingChatCompletionsUpdate | None:
        """Return the update of an event; None if the event matches no template."""
        for template in self._templates:
            update = template.read(event)
            if update is not None:
                self._matches += 1
                if not template.is_running:
                    self._keep(template)
                return update
        if self._running:
            self.end_runs()
        return None

    def end_runs(self) -> None:
        """Add the texts that were read to the history."""
        for template in self._running:
            level, key = template.text_place
            self._history.add(template.event, str(level), key, template.texts.getvalue())
            template.is_running = False
        self._running.clear()

    def _keep(self, template: _Template) -> None:
        """Keep the event that a template has read: if possible, begin a run of its text and those of later events."""
        if self._running and not all(map(template.may_overtake, self._running)):
            self.end_runs()
        if template.takes_runs:
            template.texts = StringIO()
            template.texts.write(template.text)
            template.is_running = True
            self._running.append(template)
        else:
            self._history.add(template.event)

    def learn(self, event: bytes, body: _Json) -> None:
        """Make an event, given with its parsed JSON, a template, if it resembles the one before it of its choice."""
        if self._matches > _MIN_MATCHES:
            self._attempts_left = _MAX_ATTEMPTS
        if not self._attempts_left or len(event) > _LONG:
            return
        self._attempts_left -= 1
        self._matches = 0
        path = _path(body)
        index = _index(path)
        changes = _changes(_path(self._previous.get(index, {})), path)
        if len(self._previous) > _MAX_TEMPLATES:
            self._previous.clear()
        self._previous[index] = body
        template = _make_template(event, body, changes)
        if template is not None:
            self._templates.insert(0, template)
            del self._templates[_MAX_TEMPLATES:]


class _Template:
    """An event cut at its holes.

    :param parts: The constant parts of the event, one more than there are holes.
    :param update: The update of the event. Its objects become the originals of those in other updates.
    :param holes: Where the values of the holes stand, in the order of the event.
    """

    def __init__(self, parts: list[str], update: StreamingChatCompletionsUpdate, holes: list[_Place]) -> None:
        path = _path(update)
        self._before, self._after = parts[0].encode(), parts[-1].encode()
        self._start, self._end = len(self._before), -len(self._after)
        self._holes = []
        for (level, key), after in zip(holes, [*parts[1:-1], ""], strict=True):
            kind = type(path[level][key])
            self._holes.append((path[level], key, scanner(kind), kind, level >= _MESSAGE, after, len(after)))
            path[level][key] = None
        self._constants = list(_constants(path))
        self._objects = [
            (inner, partial(new, type(inner)), outer, key, type(outer[key]) is list)
            for outer, inner, key in zip(path, path[1:-1], _PATH, strict=False)
        ][::-1]
        self._original = update
        text_places = [place for place in holes if place[0] >= _MESSAGE]
        self.text_place = level, self._text_key = text_places[0]
        self._text_in = path[level]
        self.event = b""
        """The last event that was read."""
        self.is_running = False
        self.texts = StringIO()
        """The texts of the events of a run."""
        is_alone = len(text_places) == 1 and all(level != _CHOICE for level, _ in holes)
        self.takes_runs = is_alone and not adds_up(path[_CHOICE])
        """Whether one event with the texts of several says the same as these events."""
        self._index = _index(path)
        self._shared = {key: value for key, value in update.items() if key not in NOT_ACCUMULATED}
        self._shares_all = all(level > 0 or (level == 0 and key in NOT_ACCUMULATED) for level, key in holes)

    def read(self, event: bytes) -> StreamingChatCompletionsUpdate | None:
        """Return the update of an event; None if the event does not match."""
        if not event.startswith(self._before) or not event.endswith(self._after):
            return None
        position = 0
        try:
            text = event[self._start : self._end].decode()
            for place, key, scan_hole, kind, may_be_empty, after, length in self._holes:
                value, position = scan_hole(text, position)
                if type(value) is not kind or not (value or may_be_empty):
                    return None
                if length and not text.startswith(after, position):
                    return None
                place[key] = value
                position += length
        except (ValueError, StopIteration, RecursionError):
            return None
        if position != len(text):
            return None
        self.event = event
        if self.is_running:
            self.texts.write(self._text_in[self._text_key])
        for copy, place, key in self._constants:
            place[key] = copy()
        for original, make, place, key, is_in_list in self._objects:
            made = make()
            made |= original
            place[key] = [made] if is_in_list else made
        update: StreamingChatCompletionsUpdate = new(StreamingChatCompletionsUpdate)
        update |= self._original
        return update

    @property
    def text(self) -> str:
        """The text of the last event."""
        text: str = self._text_in[self._text_key]
        return text

    def may_overtake(self, other: _Template) -> bool:
        """Whether the order of events of the two templates makes no difference."""
        share_all = self._shares_all and other._shares_all and self._shared == other._shared
        return share_all and self._index != other._index


def replace_text(body: _Json, level: str, key: str, text: str) -> None:
    """Put the text of a run in the place of that of its last event, given as parsed JSON."""
    _path(body)[int(level)][key] = text


def _path(body: _Json) -> list[_Json]:
    """Return the objects of `_PATH`, from the update on, as far as there are any, and the usage at the end."""
    path = [body]
    for key in _PATH:
        inner = path[-1].get(key)
        if type(inner) is list and len(inner) == 1:
            inner = inner[0]
        if not inner or not isinstance(inner, dict):
            break
        path.append(inner)
    usage = body.get("usage")
    return [*path, usage if isinstance(usage, dict) else {}]


def _next_keys(path: list[_Json]) -> list[str | None]:
    """Return for each object of a path but the usage under which key it has the next one."""
    return [*_PATH[: len(path) - 2], None]


def _index(path: list[_Json]) -> int:
    index = path[_CHOICE].get("index") if len(path) > _MESSAGE else 0
    return index if isinstance(index, int) else 0


def _changes(old: list[_Json], new: list[_Json]) -> list[_Place]:
    """Return where two events differ; nothing if they differ in more than a template can hold."""
    if list(map(list, old)) != list(map(list, new)):
        return []
    return [
        (level, key)
        for level, next_key in [*enumerate(_next_keys(new)), (_USAGE, None)]
        for key, value in new[level].items()
        if key != next_key and value is not new[_USAGE] and old[level][key] != value
    ]


def _may_be_hole(level: int, key: str, value: Any) -> bool:
    """Whether a value may change: fragments of text in the message, and what is not empty outside of it."""
    if level >= _MESSAGE:
        return type(value) is str and key not in ATOMIC_KEYS
    is_model = isinstance(value, (dict, list)) and (level == _USAGE or key == "usage")
    return bool(value) and not is_model and scans(type(value))


def _make_template(event: bytes, body: _Json, changes: list[_Place]) -> _Template | None:
    """Cut an event where it changed, and verify the cut."""
    path = _path(body)
    is_possible = all(_may_be_hole(level, key, path[level][key]) for level, key in changes)
    if not is_possible or all(level < _MESSAGE for level, _ in changes) or path[_CHOICE].get("finish_reason"):
        return None
    text = event.decode()
    spans = sorted((*_find(text, key, path[level][key]), (level, key)) for level, key in changes)
    starts, ends, holes = zip(*spans, strict=True)
    parts = [text[start:end] for start, end in zip((0, *ends), (*starts, len(text)), strict=True)]
    try:
        probe = decoder()("0".join(parts).encode())
        places = _path(probe)
        for level, key in holes:
            if places[level][key] != 0:
                return None
            places[level][key] = path[level][key]
    except (ValueError, LookupError):  # what was found is not the value
        return None
    return _Template(parts, StreamingChatCompletionsUpdate._from_wire(probe), list(holes)) if probe == body else None


def _find(text: str, key: str, value: Any) -> tuple[int, int]:
    """Find a value after its key; where it is not found, an empty span, which no cut survives."""
    for match in re.finditer(rf'"{re.escape(key)}"[ \t\r\n]*:[ \t\r\n]*', text):
        found, end = scan(text, match.end())
        if found == value:
            return match.end(), end
    return 0, 0


def _constants(path: list[_Json]) -> Iterator[tuple[Callable[[], Any], Any, Any]]:
    """Return how to copy what the objects of a path contain beside the path, innermost first.

    Each step is a function that makes a copy, and the object and the key where to put it.
    """
    for place, next_key in zip(path[:_USAGE], _next_keys(path), strict=True):
        yield from _containers(place, next_key)


def _containers(value: Any, skipped_key: str | None = None) -> Iterator[tuple[Callable[[], Any], Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, (dict, list)) and key != skipped_key:
            yield from _containers(inner)
            yield inner.copy, value, key
