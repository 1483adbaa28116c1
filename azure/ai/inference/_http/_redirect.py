"""Redirects: where they may lead, and what another host may see. Both redirect policies follow these rules."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import PipelineResponse, policies
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse

from ._failures import without_traceback
from ._secrets import LEFT_HOST, is_secret

SECRET_HEADERS = frozenset(
    ("authorization", "api-key", "x-ms-authorization-auxiliary", "proxy-authorization", "cookie")
)
"""The headers that policies add, which another host never gets."""


class _SafeRedirects:
    """Refuses redirects that are no URL or lead from https to http, and keeps secrets from other hosts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._removes_secrets = not kwargs.get("disable_redirect_cleanup", False)

    def increment(self, settings: dict[str, Any], response: PipelineResponse[Any, Any], redirect_location: str) -> bool:
        """Change the request to one for the new location. Returns whether it may be sent.

        :raises azure.core.exceptions.HttpResponseError: The redirect is refused.
        """
        _check_location(response, redirect_location)
        request = response.http_request
        host = urlsplit(request.url).netloc
        base: Any = super()
        has_redirects_left: bool = base.increment(settings, response, redirect_location)
        if self._removes_secrets and urlsplit(request.url).netloc != host:
            response.context[LEFT_HOST] = True
            for name in [name for name in request.headers if is_secret(name)]:
                del request.headers[name]
        return has_redirects_left


def _check_location(response: PipelineResponse[Any, Any], location: str) -> None:
    url = response.http_request.url
    problem = "its location is not an http(s) URL"
    try:
        target = urlsplit(urljoin(url, location))
        is_url = target.scheme in ("http", "https") and bool(target.hostname) and target.port != 0
    except ValueError as error:
        raise _refusal(response, problem) from error
    if not is_url:
        raise _refusal(response, problem)
    if target.scheme == "http" and urlsplit(url).scheme == "https":
        raise _refusal(response, "it leads from https to http, where key and prompt would be readable on the way")


def _refusal(response: PipelineResponse[Any, Any], problem: str) -> HttpResponseError:
    message = f"The redirect was not followed: {problem}."
    error = HttpResponseError(message, response=response.http_response)
    error.message, error.args = message, (message,)  # azure-core prefers what an error object in the body says
    return without_traceback(error)


class RedirectPolicy(_SafeRedirects, policies.RedirectPolicy[HttpRequest, HttpResponse]):
    """Follows redirects that are safe."""


class AsyncRedirectPolicy(_SafeRedirects, policies.AsyncRedirectPolicy[HttpRequest, AsyncHttpResponse]):
    """Follows redirects that are safe. Nothing but its base class awaits."""
