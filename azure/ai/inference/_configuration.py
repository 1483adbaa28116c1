"""The settings of a client and the policies that its requests pass through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from azure.core import configuration
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineRequest, policies
from azure.core.rest import HttpRequest, HttpResponse

from ._endpoint import parse_endpoint
from ._version import VERSION

_KEY_HEADERS = {"Authorization": "Bearer ", "api-key": ""}
"""The headers that carry a key, with what stands before it: endpoints differ in which of them they read."""
_MONIKER = f"ai-inference/{VERSION}"
_SENSITIVE_HEADERS = [*_KEY_HEADERS, "x-ms-authorization-auxiliary"]


class KeyPolicy(policies.SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Sends a key in both headers, as the credential holds it at that moment. A header that the user set is kept."""

    def __init__(self, credential: AzureKeyCredential) -> None:
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        headers = request.http_request.headers
        # The context outlives a retry; the headers of the first attempt would look like the user's in the second.
        ours = request.context.setdefault("key_headers", [name for name in _KEY_HEADERS if name not in headers])
        for name in ours:
            headers[name] = _KEY_HEADERS[name] + self._credential.key


class Configuration(configuration.Configuration[Any, Any]):
    """The settings of a client.

    :param endpoint: The URL of the endpoint.
    :param credential: An ~azure.core.credentials.AzureKeyCredential or a token credential.
    :keyword api_version: The api-version to send; None sends none. What the endpoint implies, where it is not given.
    :keyword credential_scopes: The scopes of Entra ID tokens. What the endpoint implies, where it is not given.
    :raises ValueError: An argument is None, or `endpoint` is no http(s) URL.
    :raises TypeError: `credential` is of another kind.
    """

    _redirect_policy: ClassVar[Callable[..., Any]] = policies.RedirectPolicy
    _retry_policy: ClassVar[Callable[..., Any]] = policies.RetryPolicy
    _token_policy: ClassVar[Callable[..., Any]] = policies.BearerTokenCredentialPolicy

    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if credential is None:
            raise ValueError("Parameter 'credential' must not be None.")
        self.url, api_version, scope = parse_endpoint(endpoint)
        self.endpoint = endpoint
        self.credential = credential
        self.api_version: str | None = kwargs.get("api_version", api_version)
        self.credential_scopes: list[str] = kwargs.get("credential_scopes") or [scope]
        given = {**kwargs, "headers": dict(kwargs.get("headers") or {})}  # HeadersPolicy would write to the user's dict

        def policy(name: str, make: Callable[..., Any], **settings: Any) -> Any:
            return given.get(name) or make(**{**given, **settings})

        self.user_agent_policy = policy("user_agent_policy", policies.UserAgentPolicy, sdk_moniker=_MONIKER)
        self.headers_policy = policy("headers_policy", policies.HeadersPolicy)
        self.proxy_policy = policy("proxy_policy", policies.ProxyPolicy)
        self.logging_policy = policy("logging_policy", policies.NetworkTraceLoggingPolicy)
        self.http_logging_policy = policy("http_logging_policy", policies.HttpLoggingPolicy)
        self.custom_hook_policy = policy("custom_hook_policy", policies.CustomHookPolicy)
        self.redirect_policy = policy("redirect_policy", self._redirect_policy)
        self.retry_policy = policy("retry_policy", self._retry_policy)
        self.authentication_policy = policy("authentication_policy", self._authentication)

    def _authentication(self, **_: Any) -> Any:
        credential = self.credential
        if isinstance(credential, AzureKeyCredential):
            return KeyPolicy(credential)
        if hasattr(credential, "get_token") or hasattr(credential, "get_token_info"):
            return self._token_policy(credential, *self.credential_scopes)
        raise TypeError(
            "Parameter 'credential' must be AzureKeyCredential(...) or a token credential, "
            f"not {type(credential).__name__}."
        )

    def policies(self, **kwargs: Any) -> list[Any]:
        """The policies in the order in which a request passes them."""
        kwargs.setdefault("blocked_redirect_headers", _SENSITIVE_HEADERS)
        return [
            policies.RequestIdPolicy(**kwargs),
            self.headers_policy,
            self.user_agent_policy,
            self.proxy_policy,
            self.redirect_policy,
            self.retry_policy,
            self.authentication_policy,
            self.custom_hook_policy,
            self.logging_policy,
            policies.DistributedTracingPolicy(**kwargs),
            policies.SensitiveHeaderCleanupPolicy(**kwargs),
            self.http_logging_policy,
        ]


ChatCompletionsClientConfiguration = EmbeddingsClientConfiguration = ImageEmbeddingsClientConfiguration = Configuration
