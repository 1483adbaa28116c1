"""The clients of embeddings: signatures and defaults. Their documentation is in `_client_base`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, overload

from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.tracing.decorator import distributed_trace

from . import _client
from ._body import Body
from ._client_base import BATCH_SIZE, MAX_CONCURRENCY, Images, OnError, Progress
from ._lazy_models import models


class EmbeddingsClient(_client.EmbeddingsClient):
    __doc__ = _client.EmbeddingsClient.__doc__
    __module__ = "azure.ai.inference._patch"

    def __init__(
        self,
        endpoint: str,
        credential: AzureKeyCredential | TokenCredential,
        *,
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._set_defaults(
            {
                "dimensions": dimensions,
                "encoding_format": encoding_format,
                "input_type": input_type,
                "model": model,
            },
            model_extras,
        )
        super().__init__(endpoint, credential, **kwargs)

    @overload
    def embed(
        self,
        *,
        input: Sequence[str],
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.EmbeddingsResult: ...
    @overload
    def embed(self, body: Body, **kwargs: Any) -> models.EmbeddingsResult: ...
    @distributed_trace
    def embed(
        self,
        body: Body | None = None,
        *,
        input: Sequence[str] | None = None,
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.EmbeddingsResult:
        call = self._prepare(
            body,
            {
                "input": input,
                "dimensions": dimensions,
                "encoding_format": encoding_format,
                "input_type": input_type,
                "model": model,
            },
            kwargs,
            model_extras,
        )
        return self._embed(call)

    @overload
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> models.BulkIterator[models.EmbeddingItem]: ...
    @overload
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> models.BulkIterator[models.EmbeddingItem | models.BulkFailure]: ...
    def embed_many(
        self,
        input: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress[models.EmbeddingsUsage] | None = None,
        **kwargs: Any,
    ) -> models.BulkIterator[Any]:
        from ._bulk_runner import embed_many

        return embed_many(
            self.embed,
            input,
            kwargs,
            self._defaults.get("encoding_format"),
            batch_size=batch_size,
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
        )


class ImageEmbeddingsClient(_client.ImageEmbeddingsClient):
    __doc__ = _client.ImageEmbeddingsClient.__doc__
    __module__ = "azure.ai.inference._patch"

    def __init__(
        self,
        endpoint: str,
        credential: AzureKeyCredential | TokenCredential,
        *,
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._set_defaults(
            {
                "dimensions": dimensions,
                "encoding_format": encoding_format,
                "input_type": input_type,
                "model": model,
            },
            model_extras,
        )
        super().__init__(endpoint, credential, **kwargs)

    @overload
    def embed(
        self,
        *,
        input: Images,
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.EmbeddingsResult: ...
    @overload
    def embed(self, body: Body, **kwargs: Any) -> models.EmbeddingsResult: ...
    @distributed_trace
    def embed(
        self,
        body: Body | None = None,
        *,
        input: Images | None = None,
        dimensions: int | None = None,
        encoding_format: str | models.EmbeddingEncodingFormat | None = None,
        input_type: str | models.EmbeddingInputType | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.EmbeddingsResult:
        call = self._prepare(
            body,
            {
                "input": input,
                "dimensions": dimensions,
                "encoding_format": encoding_format,
                "input_type": input_type,
                "model": model,
            },
            kwargs,
            model_extras,
        )
        return self._embed(call)
