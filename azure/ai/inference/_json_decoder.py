"""JSON as it comes from the service, read by orjson where that is installed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

_python: Any = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = _python.scan_once


@functools.cache
def decoder() -> Callable[[bytes], Any]:
    """What reads JSON. It raises ValueError for what is not JSON, and RecursionError for what is nested too deeply."""
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
    """Do what `json.loads` does, without its detours for a document that stands alone."""
    text = data.decode()
    try:
        value, end = _scan(text, 0)
    except StopIteration:  # blanks come first, or it is not JSON
        return json.loads(text)
    return value if end == len(text) else json.loads(text)
