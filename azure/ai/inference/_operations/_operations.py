"""The requests of the API, and the sending of them."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest, HttpResponse

from .._body import parse_object
from .._client_base import (
    Call,
    ChatCompletionsClientBase,
    ClientBase,
    EmbeddingsClientBase,
    ImageEmbeddingsClientBase,
)
from .._configuration import Configuration
from .._errors import model_info_error, response_error, unknown_keyword
from .._lazy_models import models


def build_chat_completions_complete_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for an answer of a chat model."""
    return _build_request("POST", "/chat/completions", config, call)


def build_embeddings_embed_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for embeddings of texts."""
    return _build_request("POST", "/embeddings", config, call)


def build_image_embeddings_embed_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for embeddings of images."""
    return _build_request("POST", "/images/embeddings", config, call)


def build_get_model_info_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for what an endpoint says of its model."""
    return _build_request("GET", "/info", config, call)


def _build_request(method: str, route: str, config: Configuration, call: Call) -> HttpRequest:
    params = call.params
    if config.api_version:
        params.setdefault("api-version", config.api_version)
    return HttpRequest(
        method, config.url.rstrip("/") + route, params=params, headers=call.headers, content=call.content
    )


class Operations(ClientBase):
    """Sends requests and maps errors; nothing else touches the pipeline."""

    _client: PipelineClient[HttpRequest, HttpResponse]

    def _send(self, request: HttpRequest, call: Call) -> HttpResponse:
        options = call.options
        error_map = options.pop("error_map", None)
        try:
            response = self._client.send_request(request, stream=call.stream, **options)
        except TypeError as error:
            explained = unknown_keyword(options)
            if explained is None:
                raise
            raise explained from error
        if response.status_code != HTTPStatus.OK:
            with suppress(AzureError):  # the status says more than a body that cannot be read
                response.read()
            raise response_error(response, error_map)
        return response

    def _get_model_info(self, call: Call, explanation: str) -> models.ModelInfo:
        try:
            response = self._send(build_get_model_info_request(self._config, call), call)
        except HttpResponseError as error:
            raise model_info_error(error, explanation) from error
        return models.ModelInfo._from_wire(parse_object(response))


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """The operations of a chat model."""

    def _complete(self, call: Call) -> models.ChatCompletions | models.StreamingChatCompletions:
        response = self._send(build_chat_completions_complete_request(self._config, call), call)
        if call.stream:
            return models.StreamingChatCompletions(response)
        return models.ChatCompletions._from_wire(parse_object(response))


class EmbeddingsClientOperationsMixin(Operations, EmbeddingsClientBase):
    """The operations of a model that embeds texts."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = self._send(build_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))


class ImageEmbeddingsClientOperationsMixin(Operations, ImageEmbeddingsClientBase):
    """The operations of a model that embeds images."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = self._send(build_image_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))
