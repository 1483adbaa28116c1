"""The policy that lets each attempt wait for its turn, sync, and what a request and an answer say to a rate limiter."""

from __future__ import annotations

import math
import re
import time
from typing import Any

from azure.core.exceptions import ServiceRequestTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

_PREFIX = "x-ratelimit-"
_BUSY = (429, 503)
_CHARACTERS_PER_TOKEN = 4
_MAX_TOKENS = re.compile(r'"max_(?:completion_)?tokens": ?(\d+)')  # within a text, the quotes would be escaped
_retry_after = policies.RetryPolicy[HttpRequest, HttpResponse]().get_retry_after


def estimate_tokens(text: str) -> int:
    r"""Estimate how many tokens a text has: a token for four ASCII characters, and one for each other character.

    :param text: The text; in one that is JSON, an escape such as `\u00e9` is one character.
    :return: The number of tokens, at least 1.
    """
    escaped = text.count("\\u")
    others = 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))
    return math.ceil((len(text) - others - 6 * escaped) / _CHARACTERS_PER_TOKEN) + others + escaped or 1


def tokens_of(request: PipelineRequest[HttpRequest]) -> int:
    r"""Estimate how many tokens a request takes: those of its body, and those that the model may generate."""
    content: Any = request.http_request.content
    body = content.decode(errors="replace") if isinstance(content, bytes) else content or ""
    return estimate_tokens(body) + max(map(int, _MAX_TOKENS.findall(body)), default=0)


def adjust(limiter: Any, response: PipelineResponse[HttpRequest, Any]) -> None:
    """Tell a limiter what an answer says of the limits of the service."""
    headers = {
        name.lower(): value
        for name, value in response.http_response.headers.items()
        if name.lower().startswith(_PREFIX)
    }
    retry_after = None
    if response.http_response.status_code in _BUSY:
        try:
            retry_after = _retry_after(response)
        except ValueError:  # neither a number nor a date
            retry_after = None
    if headers or retry_after is not None:
        limiter.adjust(headers, retry_after=retry_after)


class RateLimitPolicy(policies.HTTPPolicy[HttpRequest, HttpResponse]):
    """Waits before it sends a request, until a limiter lets it through.

    :param limiter: A RateLimiter, or an object with its methods.
    """

    def __init__(self, limiter: Any) -> None:
        self._limiter = limiter

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request when it is its turn."""
        end = request.context.get("deadline")
        timeout = None if end is None else max(0.0, end - time.monotonic())
        try:
            self._limiter.acquire(tokens_of(request), timeout=timeout)
        except TimeoutError as error:
            raise ServiceRequestTimeoutError(f"The call timed out before the request was sent: {error}") from error
        try:
            response = self.next.send(request)
            adjust(self._limiter, response)
        finally:
            self._limiter.release()
        return response
