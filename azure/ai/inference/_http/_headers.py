"""Checks of request headers, and the request id in headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REQUEST_ID_HEADERS = ("apim-request-id", "x-request-id", "x-ms-client-request-id")


def check_headers(headers: Mapping[str, Any]) -> None:
    """Refuse headers that would end the header section or start another header.

    :raises ValueError: A name or value contains a control character. The message does not show the value.
    """
    for name, value in headers.items():
        if _CONTROL_CHARACTERS.search(f"{name}{value}" if isinstance(value, str) else str(name)):
            raise ValueError(f"The header {name!r} must not contain control characters.")


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the request id for support: the one of the service, or else the one of the client."""
    name = request_id_header(headers)
    return None if name is None else headers[name]


def request_id_header(headers: Mapping[str, str]) -> str | None:
    """Return the name of the header that contains the request id."""
    return next((name for name in _REQUEST_ID_HEADERS if name in headers), None)
