"""The retry policy of the sync clients, and the state of one call's attempts, which both retry policies share."""

from __future__ import annotations

import random
import time
from typing import Any

from azure.core.exceptions import (
    AzureError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

STATUS_CODES = frozenset((408, 429, 500, 502, 503, 504))
RETRY_AFTER_MAX = 120
"""The longest Retry-After in seconds that is respected. If the service asks for more, its error is raised at once."""
NO_TIMEOUT = policies.RetryPolicy[HttpRequest, HttpResponse]().timeout
"""The default of azure-core in seconds, which stands for no limit."""

_random = random.SystemRandom()


class Attempts:
    """Retry state of one call: counts attempts, and decides whether and when to retry.

    :param policy: The retry policy: its options, and the counting functions of azure-core.
    :param request: The request of the call. The retry options are removed from its context.
    """

    def __init__(self, policy: Any, request: PipelineRequest[Any]) -> None:
        options = request.context.options
        self._policy = policy
        self._retry_after_max: float = options.pop("retry_after_max", policy.retry_after_max)
        self.counters: dict[str, Any] = policy.configure_retries(options)
        """The counters of azure-core: the retries left of each kind, the backoff, the failed attempts."""
        self.timeout: float = self.counters["timeout"]
        self._deadline: float = time.monotonic() + self.timeout
        self.is_limited = self.timeout < NO_TIMEOUT
        """Whether the call has a timeout."""
        if self.is_limited:
            request.context["deadline"] = self._deadline

    def seconds_left(self) -> float:
        """Return the seconds until the call times out."""
        return self._deadline - time.monotonic()

    def delay_after_error(self, request: PipelineRequest[Any], error: AzureError) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is none.

        Retries requests that never reached the service, and connections dropped before a response. Read timeouts are
        not retried: the service may still be working.
        """
        if isinstance(error, ServiceRequestError):
            broken = error.inner_exception is not None  # otherwise a policy refused to send the request
        else:
            broken = isinstance(error, ServiceResponseError) and not isinstance(error, ServiceResponseTimeoutError)
        if not broken or not self._policy.increment(self.counters, response=request, error=error):
            return None
        return self._within_timeout(self._backoff())

    def delay_after_response(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is none."""
        if response.http_response.status_code not in self._policy.status_codes:
            return None
        try:
            asked = self._policy.get_retry_after(response)
        except ValueError:  # neither a number nor a date
            asked = None
        if asked is not None and asked > self._retry_after_max:
            return None
        if not self._policy.increment(self.counters, response=response):
            return None
        return self._within_timeout(self._backoff() if asked is None else asked)

    def _backoff(self) -> float:
        failures = self.counters["history"]
        if len(failures) == 1 and failures[0].http_response is None:
            return 0.0  # most likely a stale keep-alive connection: retry at once
        seconds: float = self.counters["backoff"]
        if self._policy.retry_mode != policies.RetryMode.Fixed:
            seconds *= 2 ** (len(failures) - 1)
        longest: float = self.counters["max_backoff"]
        return min(seconds, longest) * _random.uniform(0.5, 1)

    def _within_timeout(self, seconds: float) -> float | None:
        return seconds if seconds < self.seconds_left() else None


def reclassified(error: AzureError) -> AzureError:
    """Return the error, or a better one for it.

    azure-core before 1.33 reports a timeout as a broken connection, and a body that broke off as a connection that
    could not be made: both would be retried.
    """
    cause = error.inner_exception
    names = {cls.__name__ for cls in type(cause).__mro__}
    if isinstance(error, ServiceResponseError) and not names.isdisjoint(("TimeoutError", "ReadTimeout")):
        return ServiceResponseTimeoutError(error.message, error=cause)
    if isinstance(error, ServiceRequestError) and "ClientPayloadError" in names:
        return IncompleteReadError(error.message, error=cause)
    return error


class RetryPolicy(policies.RetryPolicy[HttpRequest, HttpResponse]):
    """Retries requests after a broken connection or a status code that indicates a temporary failure.

    It accepts every keyword of the azure-core policy.

    :keyword retry_after_max: The longest Retry-After in seconds that is respected. Default: 120.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.retry_after_max: float = kwargs.get("retry_after_max", RETRY_AFTER_MAX)
        self.status_codes = STATUS_CODES.union(kwargs.get("retry_on_status_codes") or ())

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request, and retry it until a response or an error is final."""
        attempts = Attempts(self, request)
        transport: Any = request.context.transport
        while True:
            request.context["retry_count"] = len(attempts.counters["history"])
            try:
                response = self.next.send(request)
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
                    self.update_context(response.context, attempts.counters)
                    return response
                response.http_response.close()
            transport.sleep(seconds)
