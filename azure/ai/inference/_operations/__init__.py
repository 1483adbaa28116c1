"""The operations of the API. This module and `_operations` have the names that the generator of Azure SDKs uses."""

from ._operations import (
    ChatCompletionsClientOperationsMixin,
    EmbeddingsClientOperationsMixin,
    ImageEmbeddingsClientOperationsMixin,
)

__all__ = [
    "ChatCompletionsClientOperationsMixin",
    "EmbeddingsClientOperationsMixin",
    "ImageEmbeddingsClientOperationsMixin",
]
