"""Clients for models behind the Azure AI Model Inference API, and for any endpoint that speaks chat completions."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._patch import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, load_client
from ._version import VERSION

if TYPE_CHECKING:
    from . import models
else:  # so that type checkers still find misspelt names

    def __getattr__(name: str) -> Any:
        """Import the models when they are needed: `import azure.ai.inference` has always been enough for them."""
        if name == "models":
            return import_module(f"{__name__}.models")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__version__ = VERSION
__all__ = ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "load_client"]
