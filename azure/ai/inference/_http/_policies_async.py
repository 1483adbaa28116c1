"""Replacements for azure-core policies that cannot be configured to do what is needed, async."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import AsyncHttpResponse, HttpRequest


class CancellationSafeTracingPolicy(policies.AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Traces HTTP requests as azure-core does, and also ends the span of a cancelled request."""

    def __init__(self, **kwargs: Any) -> None:
        self._tracing: Any = policies.DistributedTracingPolicy(**kwargs)

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request within a span."""
        self._tracing.on_request(request)
        try:
            response = await self.next.send(request)
        except BaseException:
            self._tracing.on_exception(request)
            raise
        self._tracing.on_response(request, response)
        return response
