"""The async clients. They need aiohttp, which the extra `aio` installs, or a transport of azure-core that you pass."""

from ._patch import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, load_client

__all__ = ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "load_client"]
