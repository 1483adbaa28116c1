"""The retry policy of the async clients."""

from __future__ import annotations

import weakref
from typing import Any

from azure.core.exceptions import AzureError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import AsyncHttpResponse, HttpRequest

from ._deadline import call_end
from ._failures import reclassified
from ._retry import RETRY_AFTER_MAX, STATUS_CODES, Attempts, allow_each_kind
from ._waiting_async import within


class RetryPolicy(policies.AsyncRetryPolicy[HttpRequest, AsyncHttpResponse]):
    """Retries requests after a broken connection or a status code that indicates a temporary failure.

    It accepts every keyword of the azure-core policy, and cancels a request when its call times out.

    :keyword retry_after_max: The longest Retry-After in seconds that is respected. Default: 120.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs = allow_each_kind(kwargs)
        super().__init__(**kwargs)
        self.BACKOFF_MAX = self.backoff_max  # azure-core 1.30 reads this in place of the setting
        self.retry_after_max: float = kwargs.get("retry_after_max", RETRY_AFTER_MAX)
        self.status_codes = STATUS_CODES.union(kwargs.get("retry_on_status_codes") or ())

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request, and retry it until a response or an error is final."""
        attempts = Attempts(self, request)
        transport: Any = request.context.transport
        while True:
            request.context["retry_count"] = len(attempts.counters["history"])
            try:
                response = await self._send_within(attempts, request)
            except AzureError as caught:
                error = reclassified(caught)
                seconds = attempts.delay_after_error(request, error)
                if seconds is None:
                    if error is caught:
                        raise
                    raise error from caught
            else:
                seconds = attempts.delay_after_response(response)
                if seconds is None:
                    if request.context.options.get("stream"):
                        keep_alive(transport, response.http_response)
                    self.update_context(response.context, attempts.counters)
                    return response
                await response.http_response.close()
            await transport.sleep(seconds)

    async def _send_within(
        self, attempts: Attempts, request: PipelineRequest[HttpRequest]
    ) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        if not attempts.is_limited:
            return await self.next.send(request)
        token = call_end.set(attempts.end)
        try:
            return await within(attempts.seconds_left(), self.next.send(request), _discard)
        except TimeoutError as error:
            message = f"The call timed out after {attempts.timeout} seconds."
            raise ServiceResponseTimeoutError(message, error=error) from error
        finally:
            call_end.reset(token)


def _discard(response: PipelineResponse[Any, Any]) -> None:
    """Close the connection of a response that arrived when its call had been cancelled."""
    internal = getattr(response.http_response, "internal_response", None)
    if internal is not None:
        internal.close()


def keep_alive(transport: Any, response: AsyncHttpResponse) -> None:
    """Keep a transport alive as long as a response: a stream may outlive its client.

    The transport closes its connections when it is garbage-collected. A finalizer holds the reference, not an attribute
    of the response, so that the response can still be pickled and copied.
    """
    finalizer = weakref.finalize(response, _forget, transport)
    finalizer.atexit = False


def _forget(_transport: Any) -> None:
    """Do nothing: the finalizer holds the transport as the argument of this function."""
