"""A JSON decoder, and a JSON encoder that also takes dates, bytes, decimals and any mapping or sequence."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import accumulate
from typing import Any

MAX_DEPTH = 100
"""Objects and arrays within each other that are read. What is nested more deeply could be read, but not copied."""
_SHORT = 2 * MAX_DEPTH
"""A document of so few bytes cannot be nested too deeply: each level takes two. Most events of a stream are shorter."""
_LARGE = 65_536
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_MARKS = bytes(set(range(256)) - _STEPS.keys() - {ord('"')})
_STRING = re.compile(rb'"[^"]*"')

Scanner = Callable[[str, int], tuple[Any, int]]

_python: Any = json.JSONDecoder()
scan: Scanner = _python.scan_once
"""Decode the JSON value at a position of a text; return it and the position of its end.

Raises ValueError or StopIteration for invalid JSON, and RecursionError for JSON that is nested too deeply.
"""


class NestingError(ValueError):
    """JSON is nested more deeply than MAX_DEPTH."""

    def __init__(self) -> None:
        super().__init__(f"nested more than {MAX_DEPTH} levels deep")


@functools.cache
def decoder() -> Callable[[bytes], Any]:
    """Return this process's JSON decoder: orjson if installed, else the standard library.

    The decoder raises ValueError for invalid JSON, and NestingError, a ValueError, for JSON that is nested too deeply.
    """
    try:
        import orjson
    except ImportError:
        return _decode

    def decode(data: bytes) -> Any:
        try:
            value = orjson.loads(data)
        except ValueError:  # only the standard library accepts NaN and lone surrogates
            return _decode(data)
        if len(data) > _SHORT and (len(data) > _LARGE or data.count(b"[") + data.count(b"{") > MAX_DEPTH):
            _check_depth(data)
        return value

    return decode


def scans(kind: type) -> bool:
    """Whether there is a scanner for values of a type: none for objects and arrays with orjson, which is faster."""
    return decoder() is _decode or not issubclass(kind, (dict, list))


def scanner(kind: type) -> Scanner:
    """Return a function that does what `scan` does for values of a type, and agrees with this process's decoder.

    It raises ValueError where it may disagree: for so many objects and arrays that they could be nested too deeply, and
    for integers that orjson reads as floats.
    """
    if issubclass(kind, (dict, list)):
        return _scan_container
    return scan if kind is not int or decoder() is _decode else _scan_integer


def _scan_container(text: str, start: int) -> tuple[Any, int]:
    value, end = scan(text, start)
    if end - start > _SHORT and text.count("[", start, end) + text.count("{", start, end) > MAX_DEPTH // 2:
        raise NestingError
    return value, end


def _scan_integer(text: str, start: int) -> tuple[Any, int]:
    value, end = scan(text, start)
    if type(value) is int and not -(2**63) <= value < 2**64:
        raise ValueError("an integer of more than 64 bits")
    return value, end


def _decode(data: bytes) -> Any:
    """Do what `json.loads` does, without its argument checks and whitespace handling."""
    text = data.decode()
    try:
        try:
            value, end = scan(text, 0)
        except StopIteration:  # leading whitespace, or not JSON
            value, end = json.loads(text), len(text)
        if end != len(text):
            value = json.loads(text)
    except RecursionError as error:
        raise NestingError from error
    if len(data) > _SHORT and (len(data) > _LARGE or data.count(b"[") + data.count(b"{") > MAX_DEPTH):
        _check_depth(data)
    return value


def _check_depth(data: bytes) -> None:
    """Refuse valid JSON that is nested too deeply: count its brackets, a tenth of the work of parsing it."""
    if not (_has_many(b"[", data) or _has_many(b"{", data)):
        return
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _STRING.sub(b"", data.translate(None, _NO_MARKS))
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise NestingError


def _has_many(bracket: bytes, data: bytes) -> bool:
    """Whether there are more than MAX_DEPTH / 2 of a bracket. In long texts, `find` is 10 times faster than `count`."""
    at = -1
    for _ in range(MAX_DEPTH // 2 + 1):
        at = data.find(bracket, at + 1)
        if at < 0:
            return False
    return True


def _iso_datetime(value: datetime) -> str:
    return value.replace(tzinfo=value.tzinfo or timezone.utc).astimezone(timezone.utc).isoformat()[:-6] + "Z"


def _iso_duration(value: timedelta) -> str:
    import isodate

    return str(isodate.duration_isoformat(value))


@functools.cache
def _conversions() -> tuple[tuple[type, Callable[[Any], Any]], ...]:
    """Conversions by type. The first match wins: a datetime is also a date."""
    from decimal import Decimal

    return (
        (Mapping, dict),
        (Sequence, list),
        (Decimal, float),
        (datetime, _iso_datetime),
        (date, date.isoformat),
        (time, time.isoformat),
        (timedelta, _iso_duration),
    )


class SdkJSONEncoder(json.JSONEncoder):
    """A JSON encoder that also takes types that JSON does not have.

    Mappings and sequences of any class are encoded as objects and arrays; dates, times and durations as ISO 8601
    strings (a naive datetime is taken as UTC); bytes as base64; Decimal as a number.

    :keyword exclude_readonly: Accepted for compatibility; has no effect.
    :keyword format: "base64url" encodes bytes with the URL-safe alphabet, without padding. Default: standard base64.
    """

    def __init__(self, *args: Any, exclude_readonly: bool = False, format: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = format

    def default(self, o: Any) -> Any:
        """Convert a value of a type that JSON does not have.

        :raises TypeError: The type is not supported.
        """
        if isinstance(o, (bytes, bytearray)):
            if self.format == "base64url":
                return base64.urlsafe_b64encode(o).decode().rstrip("=")
            return base64.b64encode(o).decode()
        for cls, convert in _conversions():
            if isinstance(o, cls):
                return convert(o)
        return super().default(o)
