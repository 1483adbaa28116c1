"""What an endpoint URL implies: the default api-version, the Entra ID token scope, and the provider for telemetry."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

_API_VERSION = "2024-05-01-preview"
_CLOUD = re.compile(r"\.azure\.(com|us|cn)$")
_RESOURCE = re.compile(r"\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$")
_WITHOUT_ROUTE = re.compile(r"/?|/api/projects/[^/]+/?")
_GITHUB_MODELS_HOSTS = ("models.inference.ai.azure.com", "models.github.ai")
_ROUTES = ("/chat/completions", "/images/embeddings", "/embeddings")
_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)")
_PROVIDERS = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
"""The values of `gen_ai.provider.name`, by host."""


class Endpoint(NamedTuple):
    """An endpoint URL and what it implies."""

    url: str
    """The URL to which routes are appended, without query and fragment. Empty if the endpoint is not a URL."""
    params: dict[str, list[str]]
    """The query of the endpoint, percent-encoded, without `api-version`."""
    api_version: str | None
    """The default api-version. None: none is sent."""
    scope: str
    """The default Entra ID token scope."""
    problem: str | None = None
    """Why the endpoint is not a URL, for the ValueError of the first request. Tests of programs construct clients with
    any string, and programs with an empty one if a variable of the environment is not set."""


def parse_endpoint(endpoint: Any) -> Endpoint:
    """Parse an endpoint URL: a string, or another object whose `str` is one.

    A pasted route is removed; an api-version in the query is the default api-version.

    :raises ValueError: The endpoint is None.
    :raises TypeError: The endpoint is neither a string nor a URL.
    """
    if endpoint is None:
        raise ValueError("Parameter 'endpoint' must not be None.")
    text = str(endpoint).strip()
    parts = _split_url(text)
    if parts is None:
        if not isinstance(endpoint, str):
            raise TypeError(f"Parameter 'endpoint' must be a string, not {type(endpoint).__name__}.")
        shown = text.partition("?")[0]  # a query may hold a key
        problem = f"Parameter 'endpoint' must be a URL like https://host/path, not {shown!r}."
        return Endpoint("", {}, _API_VERSION, _scope("ml", "com"), problem)
    path = parts.path
    for route in _ROUTES:
        path = path.rstrip("/").removesuffix(route) if path.rstrip("/").endswith(route) else path
    params: dict[str, list[str]] = {}
    for key, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair):
        params.setdefault(key, []).append(value)
    pasted_versions = params.pop("api-version", None)
    path, api_version, scope = _defaults_for(parts.hostname or "", path)
    url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return Endpoint(url, params, pasted_versions[0] if pasted_versions else api_version, scope)


def _split_url(text: str) -> SplitResult | None:
    """The parts of an http(s) URL; None if it is not one."""
    try:
        parts = urlsplit(text)
    except ValueError:  # an invalid IPv6 address
        return None
    return parts if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def _defaults_for(host: str, path: str) -> tuple[str, str | None, str]:
    """The path to which routes are appended, the api-version and the token scope; the first match wins.

    Sovereign clouds have the scopes of the public cloud under their own domain.
    """
    found = _CLOUD.search(host)
    cloud = found[1] if found else "com"
    if _RESOURCE.search(host) and _WITHOUT_ROUTE.fullmatch(path):
        return f"{path.rstrip('/')}/openai/v1", None, _scope("ai", cloud)
    if path.rstrip("/").endswith("/v1"):
        return path, None, _scope("ai" if found else "ml", cloud)
    if _RESOURCE.search(host):
        return path, _API_VERSION, _scope("cognitiveservices", cloud)
    return path, _API_VERSION, _scope("ml", cloud)


def _scope(service: str, cloud: str) -> str:
    return f"https://{service}.azure.{cloud}/.default"


def provider_name(url: str) -> str:
    """Return the value of `gen_ai.provider.name` for an endpoint.

    A host that is not known and serves the API of OpenAI counts as "openai", as the semantic conventions ask for.
    """
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path
    if _CLOUD.search(host):
        is_openai = ".openai.azure." in host or "openai" in path.split("/")
        return "azure.ai.openai" if is_openai else "azure.ai.inference"
    return _PROVIDERS.get(host) or ("openai" if path.rstrip("/").endswith("/v1") else "azure.ai.inference")


def deployment_name(url: str) -> str | None:
    """Return the name of the deployment in the URL of an endpoint of Azure OpenAI: there, it is the model."""
    found = _DEPLOYMENT.search(url)
    return found[1] if found else None


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
