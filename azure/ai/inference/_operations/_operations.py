"""The requests of the API: builders, sending, and the mapping of errors."""

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
    """The request for a chat completion."""
    return _build_request("POST", "/chat/completions", config, call)


def build_embeddings_embed_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for text embeddings."""
    return _build_request("POST", "/embeddings", config, call)


def build_image_embeddings_embed_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for image embeddings."""
    return _build_request("POST", "/images/embeddings", config, call)


def build_get_model_info_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for the model information of an endpoint."""
    return _build_request("GET", "/info", config, call)


def _build_request(method: str, route: str, config: Configuration, call: Call) -> HttpRequest:
    params = call.params
    if config.api_version:
        params.setdefault("api-version", config.api_version)
    return HttpRequest(
        method, config.url.rstrip("/") + route, params=params, headers=call.headers, content=call.content
    )


class Operations(ClientBase):
    """Sends requests and maps errors. Nothing else touches the pipeline."""

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
            with suppress(AzureError):  # the status is the error, even if the body cannot be read
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
    """Chat completions."""

    def _complete(self, call: Call) -> models.ChatCompletions | models.StreamingChatCompletions:
        response = self._send(build_chat_completions_complete_request(self._config, call), call)
        if call.stream:
            return models.StreamingChatCompletions(response)
        return models.ChatCompletions._from_wire(parse_object(response))


class EmbeddingsClientOperationsMixin(Operations, EmbeddingsClientBase):
    """Text embeddings."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = self._send(build_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))


class ImageEmbeddingsClientOperationsMixin(Operations, ImageEmbeddingsClientBase):
    """Image embeddings."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = self._send(build_image_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))
