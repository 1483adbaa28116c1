"""The keywords that the azure-core pipeline accepts, in addition to those of the API."""

from __future__ import annotations

_CALL_OPTIONS = frozenset(
    (
        # policies
        *("request_id", "headers", "user_agent", "proxies", "permit_redirects", "redirect_max"),
        *("retry_total", "retry_connect", "retry_read", "retry_status", "retry_backoff_factor", "retry_backoff_max"),
        *("retry_on_methods", "retry_after_max", "timeout"),
        *("enforce_https", "raw_request_hook", "raw_response_hook", "logging_enable", "logger", "response_encoding"),
        *("tracing_attributes", "tracing_options", "network_span_namer", "merge_span"),
        # transports
        *("stream", "connection_timeout", "read_timeout", "connection_verify", "connection_cert", "cookies", "auth"),
    )
)
_REQUESTS_OPTIONS = frozenset(("hooks",))
_AIOHTTP_OPTIONS = frozenset(
    (
        *("proxy", "proxy_auth", "proxy_headers", "trace_request_ctx", "read_bufsize", "compress", "chunked"),
        *("expect100", "ssl", "server_hostname"),
    )
)
CALL_OPTIONS = {False: _CALL_OPTIONS | _REQUESTS_OPTIONS, True: _CALL_OPTIONS | _AIOHTTP_OPTIONS}
"""Keywords of a call, by whether the client awaits. All other keywords are unknown."""

CLOSED = "The client is closed: make a new one, or call it within its `with` block."

CLIENT_OPTIONS = (
    _CALL_OPTIONS
    | _REQUESTS_OPTIONS
    | _AIOHTTP_OPTIONS
    | frozenset(
        (
            *("api_version", "credential_scopes", "policies", "per_call_policies", "per_retry_policies", "transport"),
            *("polling_interval", "pipeline", "config", "base_user_agent", "rate_limiter", "auto_request_id"),
            *("user_agent_overwrite", "user_agent_use_env", "sdk_moniker", "blocked_redirect_headers", "enable_cae"),
            *("disable_redirect_cleanup", "redirect_remove_headers", "redirect_on_status_codes", "logging_body"),
            *("retry_mode", "retry_on_status_codes", "allowed_header_names", "allowed_query_params"),
            *("session", "session_owner", "loop", "use_env_settings", "connection_data_block_size"),
            *("max_body_bytes", "max_event_bytes"),
            *("user_agent_policy", "headers_policy", "proxy_policy", "logging_policy", "http_logging_policy"),
            *("custom_hook_policy", "redirect_policy", "retry_policy", "authentication_policy"),
        )
    )
)
"""Keywords of client constructors, in addition to those of the API."""
