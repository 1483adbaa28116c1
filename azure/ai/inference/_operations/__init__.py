"""Operations: one request of the API each."""

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
