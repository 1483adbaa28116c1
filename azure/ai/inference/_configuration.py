"""The configuration of a client, and the policies of its pipeline, in order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from azure.core import configuration
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import policies

from ._endpoint import parse_endpoint
from ._http._deadline import DeadlinePolicy
from ._http._headers import check_headers
from ._http._policies import (
    KeyPolicy,
    PolicyGroup,
    RedactingLoggingPolicy,
    RequestIdPolicy,
    SecretsPolicy,
    UserAgentPolicy,
    grouped,
    head_logging_policy,
)
from ._http._rate_limit import RateLimitPolicy
from ._http._redirect import SECRET_HEADERS, RedirectPolicy
from ._http._retry import RetryPolicy
from ._version import VERSION

_EXTENSIONS = ("policies", "per_call_policies", "per_retry_policies", "transport", "custom_hook_policy")
_MONIKER = f"ai-inference/{VERSION}"


class Configuration(configuration.Configuration[Any, Any]):
    """The configuration of a client.

    :param endpoint: The URL of the endpoint.
    :param credential: An azure.core.credentials.AzureKeyCredential or a token credential.
    :keyword api_version: The API version to send; None sends none. Default: what the endpoint URL implies.
    :keyword credential_scopes: The Entra ID token scopes. Default: what the endpoint URL implies.
    :raises ValueError: An argument is None, or a header cannot be sent.
    :raises TypeError: `credential` has another type.
    """

    awaits: ClassVar[bool] = False
    _redirect_policy: ClassVar[Callable[..., Any]] = RedirectPolicy
    _retry_policy: ClassVar[Callable[..., Any]] = RetryPolicy
    _rate_limit_policy: ClassVar[Callable[..., Any]] = RateLimitPolicy
    _policy_group: ClassVar[Callable[..., Any]] = PolicyGroup
    _innermost_policies: ClassVar[Sequence[Callable[[], Any]]] = [DeadlinePolicy]
    _token_policy: ClassVar[Callable[..., Any]] = policies.BearerTokenCredentialPolicy

    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if credential is None:
            raise ValueError("Parameter 'credential' must not be None.")
        parsed = parse_endpoint(endpoint)
        self.url = parsed.url
        self.params = parsed.params
        self._problem = parsed.problem
        self.endpoint = endpoint
        self.credential = credential
        self.api_version: str | None = kwargs.get("api_version", parsed.api_version)
        self.credential_scopes: list[str] = kwargs.get("credential_scopes") or [parsed.scope]
        extensions = [value for name in _EXTENSIONS if (value := kwargs.get(name)) is not None]
        self.is_extended = not all(getattr(value, "refuses_unknown_options", False) for value in extensions)
        """Whether policies or a transport of the user may accept options that are unknown here."""
        check_headers(kwargs.get("headers") or {})
        given = {**kwargs, "headers": dict(kwargs.get("headers") or {})}  # HeadersPolicy would write to the user's dict

        def policy(name: str, make: Callable[..., Any], **options: Any) -> Any:
            return given.get(name) or make(**{**given, **options})

        self.user_agent_policy = policy("user_agent_policy", UserAgentPolicy, sdk_moniker=_MONIKER)
        self.headers_policy = policy("headers_policy", policies.HeadersPolicy)
        self.proxy_policy = policy("proxy_policy", policies.ProxyPolicy)
        self.logging_policy = policy("logging_policy", RedactingLoggingPolicy)
        self.http_logging_policy = policy("http_logging_policy", head_logging_policy)
        self.custom_hook_policy = policy("custom_hook_policy", policies.CustomHookPolicy)
        self.redirect_policy = policy("redirect_policy", self._redirect_policy)
        self.retry_policy = policy("retry_policy", self._retry_policy)
        limiter = kwargs.get("rate_limiter")
        self._rate_limit_policies = [] if limiter is None else [self._rate_limit_policy(limiter)]
        self.authentication_policy = policy("authentication_policy", self._authentication)

    def require_url(self) -> str:
        """Return the URL to which routes are appended.

        :raises ValueError: The endpoint is not a URL.
        """
        if self._problem is not None:
            raise ValueError(self._problem)
        return self.url

    def _authentication(self, **_: Any) -> Any:
        credential = self.credential
        if credential == "":  # for local servers without authentication
            return policies.SansIOHTTPPolicy[Any, Any]()
        if isinstance(credential, AzureKeyCredential):
            return KeyPolicy(credential)
        get_token = getattr(credential, "get_token_info", None) or getattr(credential, "get_token", None)
        if get_token is None:
            raise TypeError(
                "Parameter 'credential' must be AzureKeyCredential(...) or a token credential, "
                f"not {type(credential).__name__}."
            )
        if inspect.iscoroutinefunction(get_token) and not self.awaits:
            raise TypeError(
                "Parameter 'credential' must be a sync credential, not an async one: only the clients of "
                "azure.ai.inference.aio take async credentials."
            )
        return self._token_policy(credential, *self.credential_scopes)

    def policies(self, **kwargs: Any) -> list[Any]:
        """Return the policies in the order in which they process a request."""
        kwargs.setdefault("blocked_redirect_headers", SECRET_HEADERS)
        members = [
            RequestIdPolicy(**kwargs),
            self.headers_policy,
            self.user_agent_policy,
            self.proxy_policy,
            self.redirect_policy,
            self.retry_policy,
            *self._rate_limit_policies,  # each attempt waits for its turn, and gets a token that is valid after it
            self.authentication_policy,
            self.custom_hook_policy,
            self.logging_policy,
            policies.DistributedTracingPolicy(**kwargs),
            SecretsPolicy(**kwargs),
            self.http_logging_policy,
            *(make() for make in self._innermost_policies),
        ]
        return grouped(members, self._policy_group)


ChatCompletionsClientConfiguration = EmbeddingsClientConfiguration = ImageEmbeddingsClientConfiguration = Configuration
