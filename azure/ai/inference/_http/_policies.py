"""Replacements for azure-core policies that cannot be configured to do what is needed. None of them awaits."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, filterfalse, groupby
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.rest import HttpRequest, HttpResponse

from ._secrets import LEFT_HOST, hide_secrets, hide_secrets_of_error, redacted, redacted_url

KEY_HEADERS = {"Authorization": "Bearer ", "api-key": ""}
"""The headers that carry the key, with the prefix of the value: endpoints differ in which one they read."""
_SHOWN_HEADERS = (
    *(
        "apim-request-id",
        "x-request-id",
        "retry-after-ms",
        "x-ms-region",
        "x-ms-deployment-name",
        "x-envoy-upstream-service-time",
    ),
    *(
        f"x-ratelimit-{what}-{of}"
        for what in ("limit", "remaining", "reset", "renewalperiod")
        for of in ("requests", "tokens")
    ),
)
"""Headers that are of use in a log and hold no secret, in addition to those that azure-core shows."""
_whole = logging.getLogger("azure.core.pipeline.policies._universal")
"""The logger to which azure-core writes whole requests and responses."""
_silence = logging.getLogger(f"{__name__}.silence")
_silence.setLevel(logging.CRITICAL + 1)
_OK = 200
_TRACING_OPTIONS = ("network_span_namer", "tracing_options")
"""What azure-core takes out of the options only if it traces, or not at all in an older version."""


class KeyPolicy(policies.SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Sends the current key of the credential in both headers. A header that the user set is left unchanged."""

    def __init__(self, credential: AzureKeyCredential) -> None:
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Set the key headers."""
        request.context.options.pop("enforce_https", None)  # as the policies of tokens do, which have a use for it
        key = self._credential.key
        if not (key.isascii() and key.isprintable() and key == key.strip()):
            raise ValueError(
                "Parameter 'credential' contains a key that cannot be sent in a header: "
                "it must be printable ASCII characters, without whitespace around them."
            )
        headers = request.http_request.headers
        # The context is shared by all attempts: without the note in it, a retry would take our headers for the user's.
        ours = request.context.get("key_headers")
        if ours is None:
            ours = request.context["key_headers"] = list(filterfalse(headers.__contains__, KEY_HEADERS))
        for name in ours:
            headers[name] = KEY_HEADERS[name] + key


class RedactingLoggingPolicy(policies.NetworkTraceLoggingPolicy):
    """Logs whole requests and responses if `logging_enable` is set, with keys, tokens and cookies redacted.

    azure-core logs the head of each request elsewhere, too. It is not logged a second time, unless the user has a
    `logger` for it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._has_own_logger = kwargs.get("logger") is not None

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Log the request, with secrets redacted."""
        context: Any = request.context
        if "logging_enable" in context:  # set by the first attempt, and true of each one that follows
            context.options.setdefault("logging_enable", context["logging_enable"])
        if context.options.get("logging_enable", self.enable_http_logger):
            if not self._has_own_logger and "logger" not in context.options and _whole.isEnabledFor(logging.DEBUG):
                context.setdefault("logger", _silence)
            sent: Any = request.http_request
            shown = SimpleNamespace(
                url=redacted_url(sent.url), method=sent.method, headers=redacted(sent.headers), body=sent.body
            )
            request = PipelineRequest[Any](shown, context)
        super().on_request(request)

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """Log the response, with secrets redacted; hide those in one that may become an exception."""
        if response.http_response.status_code != _OK:
            hide_secrets(response.http_response)
        if response.context["logging_enable"]:
            received = response.http_response
            shown = SimpleNamespace(
                status_code=received.status_code, headers=redacted(received.headers), text=received.text
            )
            response = PipelineResponse[Any, Any](request.http_request, shown, response.context)
        super().on_response(request, response)


def head_logging_policy(**kwargs: Any) -> policies.HttpLoggingPolicy:
    """The policy that logs the head of a request and of its response."""
    policy = policies.HttpLoggingPolicy(**kwargs)
    policy.allowed_header_names.update(_SHOWN_HEADERS)
    return policy


class SecretsPolicy(policies.SensitiveHeaderCleanupPolicy[HttpRequest, HttpResponse]):
    """Keeps secrets out of the exceptions that others may log, in addition to what azure-core removes."""

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Remove the headers of policies, which each attempt adds again, from a request to another host."""
        options = request.context.options
        if request.context.get(LEFT_HOST):
            options[LEFT_HOST] = True  # azure-core 1.30 looks for it there, where it is lost with the first attempt
        super().on_request(request)
        options.pop(LEFT_HOST, None)
        for name in _TRACING_OPTIONS:
            options.pop(name, None)

    def on_exception(self, request: PipelineRequest[Any]) -> None:
        """Hide the secrets in the exception that is being handled."""
        super().on_exception(request)
        hide_secrets_of_error(sys.exc_info()[1])


class RequestIdPolicy(policies.RequestIdPolicy):
    """Sends the request id of the user, or else a random one. azure-core makes one of the time, in 10 us more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._makes_id = "request_id" not in kwargs and kwargs.get("auto_request_id", True)

    def set_request_id(self, value: str) -> None:
        """Send this id with all requests."""
        self._makes_id = False
        super().set_request_id(value)

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Set the header, unless the user has."""
        if not self._makes_id or "request_id" in request.context.options:
            super().on_request(request)
        else:
            request.http_request.headers.setdefault(self._request_id_header_name, str(uuid4()))


class UserAgentPolicy(policies.UserAgentPolicy):
    """Makes the user agent string when it is needed first, not with the client.

    azure-core asks Python for the platform, which starts a process (`uname -p`): 3 ms of CPU, 5 to 20 ms of waiting.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._arguments = kwargs  # for azure-core's own constructor, which sets all other attributes

    def __getattr__(self, name: str) -> Any:
        values = vars(self)
        if "_user_agent" not in values and "_arguments" in values:
            super().__init__(**values["_arguments"])
        return object.__getattribute__(self, name)


class PolicyGroup(policies.HTTPPolicy[HttpRequest, HttpResponse]):
    """Runs policies without I/O as azure-core does, in one step of the pipeline.

    azure-core makes a step of each policy, which costs three calls more for each of them in each request.
    The exception of one policy is shown to those before it. A request that is cancelled ends in all of them.
    """

    def __init__(self, members: Sequence[policies.SansIOHTTPPolicy[Any, Any]]) -> None:
        self._members = members

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Show the request to each policy, send it, and show the response to each policy in reverse order."""
        entered: list[Any] = []
        try:
            for policy in self._members:
                result: Any = policy.on_request(request)
                if result is not None:
                    _refuse_awaitable(result)
                entered.append(policy)
            response = self.next.send(request)
            while entered:
                result = entered.pop().on_response(request, response)
                if result is not None:
                    _refuse_awaitable(result)
        except BaseException:
            for policy in reversed(entered):
                policy.on_exception(request)
            raise
        return response


def _refuse_awaitable(result: Any) -> None:
    if inspect.iscoroutine(result):
        result.close()  # or Python would complain that nobody awaits it
        raise TypeError("A policy of a sync client must not be async.")


def grouped(members: Iterable[Any], group: Callable[[Sequence[Any]], Any]) -> list[Any]:
    """The policies of a pipeline, with a group in place of each run of policies without I/O."""
    runs = groupby(members, lambda policy: isinstance(policy, policies.SansIOHTTPPolicy))
    listed = [(is_sans_io, list(run)) for is_sans_io, run in runs]
    return list(chain.from_iterable([group(run)] if is_sans_io else run for is_sans_io, run in listed))
