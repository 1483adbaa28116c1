"""JSON: a decoder for what the service sends, and an encoder that takes more types than JSON has."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

_python: Any = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = _python.scan_once


@functools.cache
def decoder() -> Callable[[bytes], Any]:
    """Return this process's JSON decoder: orjson if installed, else the standard library.

    The decoder raises ValueError for what is not JSON, and RecursionError for what is nested too deeply.
    """
    try:
        import orjson
    except ImportError:
        return _decode

    def decode(data: bytes) -> Any:
        try:
            return orjson.loads(data)
        except ValueError:  # NaN and single surrogates are JSON for Python only
            return _decode(data)

    return decode


def _decode(data: bytes) -> Any:
    """Do what `json.loads` does, without its argument checks and whitespace handling."""
    text = data.decode()
    try:
        value, end = _scan(text, 0)
    except StopIteration:  # leading whitespace, or not JSON
        return json.loads(text)
    return value if end == len(text) else json.loads(text)


def _iso_datetime(value: datetime) -> str:
    return value.replace(tzinfo=value.tzinfo or timezone.utc).astimezone(timezone.utc).isoformat()[:-6] + "Z"


def _iso_duration(value: timedelta) -> str:
    import isodate

    return str(isodate.duration_isoformat(value))


@functools.cache
def _conversions() -> tuple[tuple[type, Callable[[Any], Any]], ...]:
    """Conversions by type. The first that fits counts: a datetime is a date too."""
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
    """Encodes values that JSON has no type for, anywhere in a request.

    Mappings and sequences of any class become objects and arrays, dates, times and durations ISO 8601 text (a datetime
    without a time zone counts as UTC), bytes base64, Decimal a number.

    :keyword exclude_readonly: Accepted for the sake of existing calls; has no effect.
    :keyword format: "base64url" to write bytes in the URL-safe alphabet, without padding.
    """

    def __init__(self, *args: Any, exclude_readonly: bool = False, format: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = format

    def default(self, o: Any) -> Any:
        """Convert a value that JSON has no type for.

        :raises TypeError: There is no conversion for it.
        """
        if isinstance(o, (bytes, bytearray)):
            if self.format == "base64url":
                return base64.urlsafe_b64encode(o).decode().rstrip("=")
            return base64.b64encode(o).decode()
        for kind, convert in _conversions():
            if isinstance(o, kind):
                return convert(o)
        return super().default(o)
