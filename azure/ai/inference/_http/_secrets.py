"""What of a request must not be shown: keys, tokens and cookies, by the names of their headers.

A program may log, send or pickle an exception, so what an exception refers to holds no secret either.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from azure.core.rest import HttpRequest

REDACTED = "REDACTED"
LEFT_HOST = "insecure_domain_change"
"""Where azure-core notes in a context that a request was redirected to another host."""
_HIDDEN = r"key|token|secret|passw|authorization|cookie|credential|signature"
_SECRET_NAME = re.compile(f"^(?!.*rate-?limit).*({_HIDDEN})", re.IGNORECASE)
"""The names of headers that hold secrets. A rate limit of tokens is none."""
_SECRET_PARAMETER = re.compile(f"([?&][^=&#]*(?:{_HIDDEN}|sig)[^=&#]*=)[^&#]*", re.IGNORECASE)


def is_secret(header: str) -> bool:
    """Whether the value of a header must not be shown."""
    return _SECRET_NAME.match(header) is not None


def redacted(headers: Any) -> Any:
    """A copy of headers, without the values that must not be shown."""
    copy = headers.copy() if hasattr(headers, "copy") else dict(headers)
    for name in headers:
        if is_secret(name):
            copy[name] = REDACTED
    return copy


def redacted_url(url: str) -> str:
    """A URL without the values of query parameters that must not be shown."""
    return _SECRET_PARAMETER.sub(rf"\1{REDACTED}", url)


class _SentRequest(HttpRequest):
    """A request that has been answered: its pickle has no body, which may be a conversation."""

    def __reduce__(self) -> Any:
        return HttpRequest, (self.method, self.url), {"headers": self.headers}


def hide_secrets(response: Any) -> None:
    """Replace what a response refers to by copies without secrets. Transports, which may keep a request, still have it.

    A response that a program made for its tests is left as it is.
    """
    request: Any = getattr(response, "request", None)
    if not isinstance(request, HttpRequest):
        return
    sent = _SentRequest.__new__(_SentRequest)
    vars(sent).update(vars(request), headers=redacted(request.headers))
    response.request = sent
    response.headers = redacted(response.headers)
    internal: Any = getattr(response, "internal_response", None)
    if hasattr(getattr(internal, "request", None), "prepare_headers"):  # only requests keeps its own request, to pickle
        internal.request = _prepared_without_secrets(internal.request)
        internal.headers = redacted(internal.headers)
        internal.cookies = type(internal.cookies)()


def _prepared_without_secrets(prepared: Any) -> Any:
    copy: Any = sys.modules["requests"].PreparedRequest()  # requests_mock has a proxy of one, which cannot be made
    copy.method, copy.url, copy.headers = prepared.method, prepared.url, redacted(prepared.headers)
    return copy


def hide_secrets_of_error(error: Any) -> None:
    """Replace the request that an exception of requests or aiohttp refers to by a copy without secrets."""
    inner: Any = getattr(error, "inner_exception", None)
    if hasattr(getattr(inner, "request", None), "prepare_headers"):  # requests
        inner.request = _prepared_without_secrets(inner.request)
    info: Any = getattr(inner, "request_info", None)
    if info is not None:  # aiohttp, whose `repr` shows it
        inner.request_info = type(info)(info.url, info.method, redacted(info.headers), info.real_url)
        inner.args = (inner.request_info, *inner.args[1:])
