"""Operations: one request of the API each."""

from ._operations import ChatCompletionsClientOperationsMixin

__all__ = ["ChatCompletionsClientOperationsMixin"]
