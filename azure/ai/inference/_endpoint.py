"""What an endpoint URL implies: the default api-version and the Entra ID token scope."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

_API_VERSION = "2024-05-01-preview"
_SCOPE_FOUNDRY = "https://ai.azure.com/.default"
_SCOPE_COGNITIVE_SERVICES = "https://cognitiveservices.azure.com/.default"
_SCOPE_MACHINE_LEARNING = "https://ml.azure.com/.default"
_COGNITIVE_SERVICES_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_GITHUB_MODELS_HOSTS = ("models.inference.ai.azure.com", "models.github.ai")
_ROUTES = ("/chat/completions", "/images/embeddings", "/embeddings")


class Endpoint(NamedTuple):
    """An endpoint URL and what it implies."""

    url: str
    """The URL to which routes are appended, without query and fragment."""
    api_version: str | None
    """The default api-version. None: none is sent."""
    scope: str
    """The default Entra ID token scope."""


def parse_endpoint(endpoint: str) -> Endpoint:
    """Parse an endpoint URL.

    A pasted route is removed, and so is the query; an api-version in that query is used.

    :raises ValueError: The endpoint is None, or not an http(s) URL with a host.
    :raises TypeError: The endpoint is not a string.
    """
    if endpoint is None:
        raise ValueError("Parameter 'endpoint' must not be None.")
    if not isinstance(endpoint, str):
        raise TypeError(f"Parameter 'endpoint' must be a string, not {type(endpoint).__name__}.")
    parts = urlsplit(endpoint.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        shown = endpoint.partition("?")[0]  # a query may hold a key
        raise ValueError(f"Parameter 'endpoint' must be a URL like https://host/path, not {shown!r}.")
    path = parts.path
    for route in _ROUTES:
        path = path.rstrip("/").removesuffix(route) if path.rstrip("/").endswith(route) else path
    api_version, scope = _defaults_for(parts.hostname, path)
    pasted_version = parse_qs(parts.query).get("api-version")
    return Endpoint(
        urlunsplit((parts.scheme, parts.netloc, path, "", "")),
        pasted_version[0] if pasted_version else api_version,
        scope,
    )


def _defaults_for(host: str, path: str) -> tuple[str | None, str]:
    """The api-version and the token scope of an endpoint; the first match wins."""
    is_azure = host.endswith(".azure.com")
    if path.rstrip("/").endswith("/v1"):
        return None, _SCOPE_FOUNDRY if is_azure else _SCOPE_MACHINE_LEARNING
    if host.endswith(_COGNITIVE_SERVICES_HOSTS):
        return _API_VERSION, _SCOPE_COGNITIVE_SERVICES
    return _API_VERSION, _SCOPE_MACHINE_LEARNING


def retirement_hint(url: str) -> str | None:
    """A migration hint if `url` belongs to a retired service, else None."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith(".services.ai.azure.com") and parts.path.startswith(("/models", "/api/models")):
        return (
            "The /models service of this host was retired on 2026-08-26. "
            f"Its endpoint is now https://{host}/openai/v1, where every request needs a `model`."
        )
    if host in _GITHUB_MODELS_HOSTS:
        return "GitHub Models was retired on 2026-07-30. Use the endpoint https://HOST/openai/v1 of an Azure resource."
    return None
