"""The clients on the pipeline of azure-core: constructor, `get_model_info`, `send_request`, `close`."""

from __future__ import annotations

from copy import deepcopy
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.tracing.decorator import distributed_trace
from typing_extensions import Self

from ._client_base import NO_MODEL_INFO, ClientBase
from ._configuration import Configuration
from ._keywords import warn_of_unknown_client_keywords
from ._lazy_models import models
from ._operations import (
    ChatCompletionsClientOperationsMixin,
    EmbeddingsClientOperationsMixin,
    ImageEmbeddingsClientOperationsMixin,
)
from ._operations._operations import Operations


class Client(Operations):
    """What every client needs: its configuration and its pipeline."""

    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        if kwargs and type(self) is not Client:  # as the probe of load_client it is given keywords of every client
            warn_of_unknown_client_keywords(kwargs, self._keywords())
        kwargs.pop("base_url", None)  # PipelineClient would get it twice
        self._config = Configuration(endpoint, credential, **kwargs)
        if kwargs.get("policies") is None:
            kwargs["policies"] = self._config.policies(**kwargs)
        if kwargs.get("transport") is None:
            from ._http._transport import Transport

            kwargs["transport"] = Transport(**kwargs)
        self._client = PipelineClient[HttpRequest, HttpResponse](self._config.url, config=self._config, **kwargs)

    def send_request(self, request: HttpRequest, *, stream: bool = False, **kwargs: Any) -> HttpResponse:
        copy = deepcopy(request)  # policies add headers to it
        if not urlsplit(request.url).netloc:
            self._config.require_url()
        copy.url = self._client.format_url(request.url)
        return self._client.send_request(copy, stream=stream, **kwargs)

    def get_model_info(self, *, model: str | None = None, **kwargs: Any) -> models.ModelInfo:
        return self._cached_model_info(model, kwargs)

    def _cached_model_info(self, model: str | None, options: dict[str, Any]) -> models.ModelInfo:
        if model is None and self._model_info is not None:
            return self._model_info
        info = self._get_model_info(self._prepare_model_info(model, options), NO_MODEL_INFO)
        if model is None:
            self._model_info = info
        return info

    def _adopt_pipeline(self, other: Client, info: models.ModelInfo) -> None:
        """Take over the connections of another client, and the model information that it got."""
        self._config, self._client, self._model_info = other._config, other._client, info

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._client.__exit__(exc_type, exc_value, traceback)


Client.get_model_info.__doc__ = ClientBase.get_model_info.__doc__  # the decorator copies it


class ChatCompletionsClient(Client, ChatCompletionsClientOperationsMixin):
    """A client for chat completions. Its keywords are those of :meth:`complete`, as defaults for all calls."""

    get_model_info = distributed_trace(name_of_span="ChatCompletionsClient.get_model_info")(Client.get_model_info)


class EmbeddingsClient(Client, EmbeddingsClientOperationsMixin):
    """A client for text embeddings. Its keywords are those of :meth:`embed`, as defaults for all calls."""

    get_model_info = distributed_trace(name_of_span="EmbeddingsClient.get_model_info")(Client.get_model_info)


class ImageEmbeddingsClient(Client, ImageEmbeddingsClientOperationsMixin):
    """A client for image embeddings. Its keywords are those of :meth:`embed`, as defaults for all calls."""

    get_model_info = distributed_trace(name_of_span="ImageEmbeddingsClient.get_model_info")(Client.get_model_info)
