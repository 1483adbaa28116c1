"""Clients for the Azure AI Model Inference API and for OpenAI-compatible chat completion endpoints."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._patch import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, load_client
from ._version import VERSION

if TYPE_CHECKING:
    from . import models
else:  # type checkers do not see this: they still report misspelt names

    def __getattr__(name: str) -> Any:
        """Import `models` on first access: in 1.0.0b9, `import azure.ai.inference` imports it too."""
        if name == "models":
            return import_module(f"{__name__}.models")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__version__ = VERSION
__all__ = ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "load_client"]
