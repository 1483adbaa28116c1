"""Clients for models behind the Azure AI Model Inference API, and for any endpoint that speaks chat completions."""

from ._patch import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, load_client
from ._version import VERSION

__version__ = VERSION
__all__ = ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "load_client"]
