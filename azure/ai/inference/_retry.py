"""When a request is sent again."""

from __future__ import annotations

import random
import time
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

STATUS_CODES = frozenset((408, 429, 500, 502, 503, 504))
RETRY_AFTER_MAX = 120
"""Seconds that a service may ask us to wait. Where it asks for more, its error is raised at once."""
NO_TIMEOUT = 604_800
"""Seconds; what azure-core takes for no limit: a week."""

_random = random.SystemRandom()


class Attempts:
    """The attempts of one call: counted, and decided on."""

    def __init__(self, policy: Any, request: PipelineRequest[Any]) -> None:
        options = request.context.options
        self._policy = policy
        self._retry_after_max: float = options.pop("retry_after_max", policy.retry_after_max)
        self.settings: dict[str, Any] = policy.configure_retries(options)
        self.timeout: float = self.settings["timeout"]
        self._deadline: float = time.monotonic() + self.timeout
        if self.is_limited:
            request.context["deadline"] = self._deadline

    @property
    def is_limited(self) -> bool:
        """Whether the user limited the time of the call."""
        return self.timeout < NO_TIMEOUT

    def seconds_left(self) -> float:
        """Seconds until the time of the call is up."""
        return self._deadline - time.monotonic()

    def wait_after_error(self, request: PipelineRequest[Any], error: AzureError) -> float | None:
        """Seconds to wait before the next attempt; None where there is none.

        Sent again is what did not reach the service, or what it dropped before it answered. Where it took too long to
        answer it may still be at work.
        """
        if isinstance(error, ServiceRequestError):
            broken = error.inner_exception is not None  # else it is a policy that refused to send
        else:
            broken = isinstance(error, ServiceResponseError) and not isinstance(error, ServiceResponseTimeoutError)
        if not broken or not self._policy.increment(self.settings, response=request, error=error):
            return None
        return self._within_timeout(self._backoff())

    def wait_after_response(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds to wait before the next attempt; None where there is none."""
        if response.http_response.status_code not in self._policy.status_codes:
            return None
        try:
            asked = self._policy.get_retry_after(response)
        except ValueError:  # neither a number nor a date
            asked = None
        if asked is not None and asked > self._retry_after_max:
            return None
        if not self._policy.increment(self.settings, response=response):
            return None
        return self._within_timeout(self._backoff() if asked is None else asked)

    def _backoff(self) -> float:
        failures = self.settings["history"]
        if len(failures) == 1 and failures[0].http_response is None:
            return 0.0  # most likely a kept connection that the service had closed
        seconds: float = self.settings["backoff"]
        if self._policy.retry_mode != policies.RetryMode.Fixed:
            seconds *= 2 ** (len(failures) - 1)
        longest: float = self.settings["max_backoff"]
        return min(seconds, longest) * _random.uniform(0.5, 1)

    def _within_timeout(self, seconds: float) -> float | None:
        return seconds if seconds < self.seconds_left() else None


class RetryPolicy(policies.RetryPolicy[HttpRequest, HttpResponse]):
    """Sends a request again after a broken connection, or a status that says to try later.

    It takes every keyword of the policy of azure-core.

    :keyword retry_after_max: Seconds that a service may ask us to wait. Default: 120.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.retry_after_max: float = kwargs.get("retry_after_max", RETRY_AFTER_MAX)
        self.status_codes = STATUS_CODES.union(kwargs.get("retry_on_status_codes") or ())

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send the request until there is an answer, or a reason to give up."""
        attempts = Attempts(self, request)
        transport: Any = request.context.transport
        while True:
            request.context["retry_count"] = len(attempts.settings["history"])
            try:
                response = self.next.send(request)
            except AzureError as error:
                seconds = attempts.wait_after_error(request, error)
                if seconds is None:
                    raise
            else:
                seconds = attempts.wait_after_response(response)
                if seconds is None:
                    self.update_context(response.context, attempts.settings)
                    return response
                response.http_response.close()
            transport.sleep(seconds)
