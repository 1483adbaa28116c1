"""The configuration of an async client: that of the sync one, with the policies that await."""

from __future__ import annotations

from azure.core.pipeline import policies

from .. import _configuration
from .._http._policies_async import AsyncPolicyGroup
from .._http._rate_limit_async import RateLimitPolicy
from .._http._redirect import AsyncRedirectPolicy
from .._http._retry_async import RetryPolicy


class Configuration(_configuration.Configuration):
    __doc__ = _configuration.Configuration.__doc__

    awaits = True
    _redirect_policy = AsyncRedirectPolicy
    _retry_policy = RetryPolicy
    _rate_limit_policy = RateLimitPolicy
    _policy_group = AsyncPolicyGroup
    _innermost_policies = ()
    _token_policy = policies.AsyncBearerTokenCredentialPolicy


ChatCompletionsClientConfiguration = EmbeddingsClientConfiguration = ImageEmbeddingsClientConfiguration = Configuration
