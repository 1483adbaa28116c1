"""The policy that lets each attempt wait for its turn, async."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import AsyncHttpResponse, HttpRequest

from ._rate_limit import adjust, tokens_of


class RateLimitPolicy(policies.AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Waits before it sends a request, until a limiter lets it through.

    :param limiter: A RateLimiter, or an object with its methods.
    """

    def __init__(self, limiter: Any) -> None:
        self._limiter = limiter

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request when it is its turn. The retry policy cancels it when its call times out."""
        await self._limiter.acquire_async(tokens_of(request))
        try:
            response = await self.next.send(request)
            adjust(self._limiter, response)
        finally:
            self._limiter.release()
        return response
