"""Mustache templates, whose values stay apart from the text that the author of the template wrote.

`parse` makes a tree of a template; a `Rendering` goes through it with the data. What it renders holds a slot in the
place of each value: whoever looks for roles or images in it sees only what stood in the template, whatever the values
are. They are put in at the very end.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from numbers import Number
from typing import Any, NoReturn

# A slot is a number between two code points that Unicode keeps for use within a program.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
SLOT = f"{_OPEN}[0-9]+{_CLOSE}"
_SLOT = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_INDEX = re.compile("-?[0-9]{1,9}")
_MISSING = object()


@dataclass
class Value:
    """A text that is a value already."""

    text: str


@dataclass
class Variable:
    """A tag that stands for a value."""

    name: str
    escaped: bool


@dataclass
class Section:
    """What is repeated, or left out: `source` is the part of the template between its tags."""

    name: str
    inverted: bool
    delimiters: tuple[str, str]
    line: int
    start: int
    nodes: list[str | Value | Variable | Section] = field(default_factory=list)
    source: str = ""


Node = str | Value | Variable | Section


def parse(text: str, name: str, first_line: int = 1, delimiters: tuple[str, str] = ("{{", "}}")) -> list[Node]:
    """Make a tree of a template.

    :param name: What to call the template in messages.
    :param first_line: The line of its file that the template begins in, from 1.
    :raises ValueError: The template does not parse; the message says where.
    """
    return _Parser(text, name, first_line, delimiters).parse()


class _Parser:
    """Goes through a template once, from tag to tag."""

    def __init__(self, text: str, name: str, line: int, delimiters: tuple[str, str]) -> None:
        self._text = text
        self._name = name
        self._line = line
        self._delimiters = delimiters
        self._position = 0
        self._is_line_empty = True  # in front of the position, but for blanks
        self._nodes: list[Node] = []
        self._open: list[tuple[Section, list[Node]]] = []  # each with the nodes that it stands among

    def parse(self) -> list[Node]:
        while (start := self._text.find(self._delimiters[0], self._position)) >= 0:
            self._take_tag(start)
        self._take_text(len(self._text))
        if self._open:
            section = self._open[-1][0]
            self._fail(f"the section {section.name!r} is not closed", section.line)
        return self._nodes

    def _take_tag(self, start: int) -> None:
        self._line += self._text.count("\n", self._position, start)
        kind, content, end = self._read_tag(start)
        before, after = start, end
        indentation = self._text.rfind("\n", self._position, start) + 1 or self._position
        starts_line = self._is_line_empty or indentation > self._position
        starts_line = starts_line and not self._text[indentation:start].strip(" \t")
        rest = _REST_OF_LINE.match(self._text, end)
        # A tag that writes nothing itself takes its line with it, when it is alone on it.
        self._is_line_empty = bool(starts_line and rest and kind not in {"", "{", "&"})
        if self._is_line_empty and rest:
            before, after = indentation, rest.end()
        self._take_text(before)
        self._position = after
        self._apply(kind, content, before)
        self._line += self._text.count("\n", start, after)

    def _read_tag(self, start: int) -> tuple[str, str, int]:
        """Return the kind of a tag, what it holds, and where it ends."""
        opening, closing = self._delimiters
        inner = start + len(opening)
        kind = self._text[inner : inner + 1]
        kind = kind if kind and kind in "#^/!=&{>" else ""
        inner += len(kind)
        whole_closing = {"{": "}", "=": "="}.get(kind, "") + closing
        end = self._text.find(whole_closing, inner)
        content = self._text[inner:end]
        if end < 0 or (kind == "{" and closing in content):
            excerpt = self._text[start : start + 40].splitlines()[0]
            self._fail(f"the tag that begins with {excerpt!r} is not closed by {whole_closing!r}")
        return kind, content.strip(), end + len(whole_closing)

    def _take_text(self, end: int) -> None:
        text = self._text[self._position : end]
        first, *rest = text.split(_OPEN)
        self._nodes.append(first)
        for piece in rest:  # the template has the code point itself: it must not look like a slot
            self._nodes += [Value(_OPEN), piece]

    def _apply(self, kind: str, content: str, end: int) -> None:
        if kind in {"#", "^"}:
            section = Section(content, kind == "^", self._delimiters, self._line, self._position)
            self._nodes.append(section)
            self._open.append((section, self._nodes))
            self._nodes = section.nodes
        elif kind == "/":
            self._close(content, end)
        elif kind == "=":
            self._set_delimiters(content)
        elif kind == ">":
            self._fail(f"a prompt template cannot have partials: {content!r}")
        elif kind != "!":
            self._nodes.append(Variable(content, escaped=not kind))

    def _close(self, name: str, end: int) -> None:
        if not self._open:
            self._fail(f"the section {name!r} is closed, but was not opened")
        section, self._nodes = self._open.pop()
        if section.name != name:
            last = f"{section.name!r} in line {section.line}"
            self._fail(f"the section {name!r} is closed, but the last that was opened is {last}")
        section.source = self._text[section.start : end]

    def _set_delimiters(self, content: str) -> None:
        match content.split():
            case [opening, closing] if "=" not in content:
                self._delimiters = opening, closing
            case _:
                self._fail(f"the delimiters have to be two, without '=' and with a blank between them, not {content!r}")

    def _fail(self, problem: str, line: int | None = None) -> NoReturn:
        raise ValueError(f"{self._name}, line {line or self._line}: {problem}")


@dataclass
class _Scope:
    """Where names are looked up, with what is around it."""

    value: Any
    outer: _Scope | None = None


class Rendering:
    """A template with its data: `text` is the author's, `fill` gives what a part of it says with the values."""

    def __init__(self, template: Iterable[Node], data: Mapping[str, Any]) -> None:
        self._values: list[str] = []
        self.text = self._render(template, _Scope(data))

    def fill(self, part: str) -> str:
        return _SLOT.sub(lambda slot: self._values[int(slot[1])], part)

    def _render(self, template: Iterable[Node], scope: _Scope) -> str:
        pieces = []
        work: list[Iterator[tuple[Node, _Scope]]] = []
        work.append((node, scope) for node in template)
        while work:  # sections may be nested more deeply than functions can be
            for node, here in work[-1]:
                if isinstance(node, Section):
                    work.append(self._expand(node, here))
                    break
                pieces.append(self._write(node, here))
            else:
                work.pop()
        return "".join(pieces)

    def _write(self, node: str | Value | Variable, scope: _Scope) -> str:
        if isinstance(node, str):
            return node
        text = node.text if isinstance(node, Value) else _to_text(_look_up(node.name, scope))
        if isinstance(node, Variable) and node.escaped:
            text = html.escape(text, quote=False).replace('"', "&quot;")
        self._values.append(text)
        return f"{_OPEN}{len(self._values) - 1}{_CLOSE}"

    def _expand(self, section: Section, scope: _Scope) -> Iterator[tuple[Node, _Scope]]:
        """Return the nodes of a section as often as its value says, each with its scope."""
        found = _look_up(section.name, scope)
        if section.inverted:
            return ((node, scope) for node in section.nodes if not found)
        if callable(found) and found:
            return iter([(self._call(found, section, scope), scope)])
        return ((node, inner) for inner in _repeat(found, scope) for node in section.nodes)

    def _call(self, function: Callable[..., object], section: Section, scope: _Scope) -> Value:
        def render(text: str) -> str:
            template = parse(text, f"what is rendered for the section {section.name!r}", 1, section.delimiters)
            return self.fill(self._render(template, scope))

        return Value(_to_text(function(section.source, render)))


def _repeat(found: Any, scope: _Scope) -> Iterable[_Scope]:
    if found is True:
        return [scope]  # says that there is something, and has no names itself
    if isinstance(found, (Sequence, Iterator)) and not isinstance(found, str):
        return (_Scope(item, scope) for item in found)
    return [_Scope(found, scope)] if found else []


def _look_up(name: str, scope: _Scope) -> Any:
    """Find a name in the innermost scope that has its first part; the rest belongs to what was found."""
    if name == ".":
        return scope.value
    first, *rest = name.split(".")
    found: object = _MISSING
    around: _Scope | None = scope
    while around and found is _MISSING:
        found = _member(around.value, first)
        around = around.outer
    for part in rest:
        found = _member(found, part)
    return None if found is _MISSING else found


def _member(owner: Any, name: str) -> object:
    if isinstance(owner, Mapping):
        return owner.get(name, _MISSING)
    if hasattr(type(owner), "__getitem__"):
        for key in (name, int(name)) if _INDEX.fullmatch(name) else (name,):
            with suppress(KeyError, IndexError, TypeError):
                return owner[key]
    if type(owner).__module__ == "builtins" or name.startswith("_"):
        return _MISSING  # the methods of a text or a list are no data
    return getattr(owner, name, _MISSING)


def _to_text(value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)  # a member of an enum of strings is its string
    return str(value) if value or isinstance(value, Number) else ""
