"""Replacements for azure-core policies that cannot be configured to do what is needed, async."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import AsyncHttpResponse, HttpRequest


class AsyncPolicyGroup(policies.AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Runs policies without I/O as azure-core does, in one step of the pipeline.

    azure-core makes a step of each policy, which costs three coroutines more for each of them in each request.
    The exception of one policy is shown to those before it. A request that is cancelled ends in all of them.
    """

    def __init__(self, members: Sequence[policies.SansIOHTTPPolicy[Any, Any]]) -> None:
        self._members = members

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Show the request to each policy, send it, and show the response to each policy in reverse order."""
        entered: list[Any] = []
        try:
            for policy in self._members:
                result: Any = policy.on_request(request)
                if result is not None and hasattr(result, "__await__"):
                    await result
                entered.append(policy)
            response = await self.next.send(request)
            while entered:
                result = entered.pop().on_response(request, response)
                if result is not None and hasattr(result, "__await__"):
                    await result
        except BaseException:
            for policy in reversed(entered):
                result = policy.on_exception(request)
                if result is not None and hasattr(result, "__await__"):
                    await result
            raise
        return response
