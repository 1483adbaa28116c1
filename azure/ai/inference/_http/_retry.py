"""The retry policy of the sync clients, and the state of one call's attempts, which both retry policies share."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

from ._failures import is_certificate_error, reclassified

STATUS_CODES = frozenset((408, 429, 500, 502, 503, 504))
RETRY_AFTER_MAX = 120
"""The longest Retry-After in seconds that is respected. If the service asks for more, its error is raised at once."""
NO_TIMEOUT = policies.RetryPolicy[HttpRequest, HttpResponse]().timeout
"""The default of azure-core in seconds, which stands for no limit."""

_KINDS = ("retry_connect", "retry_read", "retry_status")
_COUNTS = frozenset(("retry_total", *_KINDS))
_random = random.SystemRandom()
_logger = logging.getLogger(__name__)


def allow_each_kind(options: Mapping[str, Any]) -> dict[str, Any]:
    """Let `retry_total` allow as many retries of each kind, unless those are given; azure-core allows three of each.

    None stands for the default.
    """
    given = {name: value for name, value in options.items() if value is not None or not name.startswith("retry_")}
    total = given.get("retry_total")
    return given if total is None else {**dict.fromkeys(_KINDS, total), **given}


class Attempts:
    """Retry state of one call: counts attempts, and decides whether and when to retry.

    :param policy: The retry policy: its options, and the counting functions of azure-core.
    :param request: The request of the call. The retry options are removed from its context.
    """

    def __init__(self, policy: Any, request: PipelineRequest[Any]) -> None:
        context = request.context
        if "retry_options" in context:  # the request was redirected: all of its attempts belong to one call
            context.options = dict(context["retry_options"])
        else:
            context["retry_options"] = dict(context.options)
            context["call_start"] = time.monotonic()
        options = context.options
        if not _COUNTS.isdisjoint(options):
            options = context.options = allow_each_kind(options)
        self._policy = policy
        self._retry_after_max: float = options.pop("retry_after_max", policy.retry_after_max)
        self.counters: dict[str, Any] = policy.configure_retries(options)
        """The counters of azure-core: the retries left of each kind, the backoff, the failed attempts."""
        timeout: float | None = self.counters["timeout"]
        self.timeout = NO_TIMEOUT if timeout is None else timeout
        self.end: float = context["call_start"] + self.timeout
        """The time of `time.monotonic` at which the call must be complete."""
        self.is_limited = self.timeout < NO_TIMEOUT
        """Whether the call has a timeout."""
        if self.is_limited:
            context["deadline"] = self.end

    def seconds_left(self) -> float:
        """Return the seconds until the call times out."""
        return self.end - time.monotonic()

    def delay_after_error(self, request: PipelineRequest[Any], error: AzureError) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is none.

        Retries requests that never reached the service, and connections dropped before a response. Read timeouts are
        not retried: the service may still be working. Certificates that were refused would be refused again.
        """
        if isinstance(error, ServiceRequestError):
            broken = error.inner_exception is not None  # otherwise a policy refused to send the request
        else:
            broken = isinstance(error, ServiceResponseError) and not isinstance(error, ServiceResponseTimeoutError)
        if not broken or is_certificate_error(error):
            return None
        if not self._policy.increment(self.counters, response=request, error=error):
            return None
        return self._wait(self._backoff(), request.http_request, type(error.inner_exception or error).__name__)

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
        reason = f"status {response.http_response.status_code}"
        return self._wait(self._backoff() if asked is None else asked, response.http_request, reason)

    def _backoff(self) -> float:
        failures = self.counters["history"]
        if len(failures) == 1 and failures[0].http_response is None:
            return 0.0  # most likely a stale keep-alive connection: retry at once
        seconds: float = self.counters["backoff"]
        if self._policy.retry_mode != policies.RetryMode.Fixed:
            seconds *= 2 ** (len(failures) - 1)
        longest: float = self.counters["max_backoff"]
        return min(seconds, longest) * _random.uniform(0.5, 1)

    def _wait(self, seconds: float, request: HttpRequest, reason: str) -> float | None:
        """Return the seconds if the call has so much time left, and log the retry."""
        if seconds >= self.seconds_left():
            return None
        url = request.url.partition("?")[0]  # the query may contain a key
        number = len(self.counters["history"])
        _logger.info("Retry %d of %s %s in %.1f s: %s", number, request.method, url, seconds, reason)
        return seconds


class RetryPolicy(policies.RetryPolicy[HttpRequest, HttpResponse]):
    """Retries requests after a broken connection or a status code that indicates a temporary failure.

    It accepts every keyword of the azure-core policy.

    :keyword retry_after_max: The longest Retry-After in seconds that is respected. Default: 120.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs = allow_each_kind(kwargs)
        super().__init__(**kwargs)
        self.BACKOFF_MAX = self.backoff_max  # azure-core 1.30 reads this in place of the setting
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
