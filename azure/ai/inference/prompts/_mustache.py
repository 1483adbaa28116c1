"""Mustache templates, whose values stay apart from the text that the author of the template wrote.

What is rendered holds a slot in the place of each value: whoever looks for roles or images in it sees only what stood
in the template, whatever the values are. They are put in at the very end.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

# Code points that Unicode keeps for use within a program: no text has them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
SLOT = f"{_OPEN}[0-9]+{_CLOSE}"
_SLOT = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_MISSING = object()


class Rendering:
    """A template with its data: `text` is the author's, `fill` gives what a part of it says with the values."""

    def __init__(self, template: str, data: Mapping[str, Any]) -> None:
        self._values: list[str] = []
        rendered: str = _mstache().render(
            template,
            data,
            getter=self._look_up,
            stringify=self._put,
            escape=self._escape,
            resolver=_reject_partial,
        )
        self.text = rendered

    def fill(self, part: str) -> str:
        return _SLOT.sub(lambda slot: self._values[int(slot[1])], part)

    def _put(self, value: object, _is_text: object) -> bytes:
        self._values.append("" if value is None else str(value))
        return f"{_OPEN}{len(self._values) - 1}{_CLOSE}".encode()

    def _escape(self, slot: bytes) -> bytes:
        index = int(slot.decode()[1:-1])
        self._values[index] = html.escape(self._values[index], quote=False).replace('"', "&quot;")
        return slot

    def _look_up(self, scope: object, scopes: Sequence[object], key: str, _default: object) -> object:
        """Find a name in the innermost scope that has its first part; the rest belongs to what was found."""
        if key == ".":
            return self._guard(scope)
        first, *rest = key.split(".")
        members = (_member(candidate, first) for candidate in (scope, *reversed(scopes)))
        found = next((member for member in members if member is not _MISSING), None)
        for name in rest:
            found = _member(found, name)
        return None if found is _MISSING else self._guard(found)

    def _guard(self, found: object) -> object:
        if isinstance(found, Mapping) and not found:
            return None  # an empty mapping is false in Python, though not for the library
        return _Section(found, self) if callable(found) else found


class _Section:
    """A callable of the caller: run for a section, where what it returns is a value as any; a text otherwise."""

    def __init__(self, function: Callable[..., object], rendering: Rendering) -> None:
        self._function = function
        self._rendering = rendering

    def __call__(self, *arguments: Any) -> object:
        if not arguments:  # in place of a variable
            return self._function
        template, render = arguments
        return self._function(template, lambda part: self._rendering.fill(render(part)))


def check(template: str, first_line: int, name: str) -> None:
    """Refuse a template that does not parse.

    :param first_line: The line of the file that the template begins in, from 1.
    :param name: What to call the template in messages.
    """
    mstache = _mstache()
    if _OPEN in template:
        raise ValueError(f"{name}: a template cannot hold the code point U+FDD0")
    try:
        mstache.tokenize(("\n" * (first_line - 1) + template).encode())
    except mstache.TokenException as error:
        raise ValueError(f"{name}: {error}") from error


def _member(owner: object, name: str) -> object:
    if isinstance(owner, Mapping):
        return owner.get(name, _MISSING)
    if isinstance(owner, Sequence) and name.isdecimal():
        return owner[int(name)] if int(name) < len(owner) else _MISSING
    if type(owner).__module__ == "builtins" or name.startswith("_"):
        return _MISSING
    return getattr(owner, name, _MISSING)


def _reject_partial(name: object) -> NoReturn:
    raise ValueError(f"a prompt template cannot have partials: {name!r}")


def _mstache() -> Any:
    try:
        import mstache
    except ImportError as error:
        raise ImportError("Prompt templates need mstache: pip install azure-ai-inference[prompts]") from error
    return mstache
