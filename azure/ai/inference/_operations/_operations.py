"""The requests of the API: builders, sending, and the mapping of errors."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.rest import HttpRequest, HttpResponse

from .._body import read_answer
from .._client_base import (
    Call,
    ChatCompletionsClientBase,
    ClientBase,
    EmbeddingsClientBase,
    ImageEmbeddingsClientBase,
)
from .._configuration import Configuration
from .._errors import model_info_error, response_error
from .._http._failures import without_traceback
from .._http._request import ApiRequest
from .._lazy_models import models

_OK = 200


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
    url = (config.url or config.require_url()).rstrip("/") + route
    params = {**config.params, **call.params}
    if config.api_version:
        params.setdefault("api-version", quote(config.api_version, safe=""))
    separator = "?"
    for name, values in params.items():
        for value in [values] if isinstance(values, str) else values:
            url += f"{separator}{name}={value}"
            separator = "&"
    return ApiRequest(method, url, headers=call.headers, content=call.content)


class Operations(ClientBase):
    """Sends requests and maps errors. Nothing else touches the pipeline."""

    _client: PipelineClient[HttpRequest, HttpResponse]

    def _send(
        self, request: HttpRequest, call: Call, *, stream: bool = False
    ) -> PipelineResponse[HttpRequest, HttpResponse]:
        if call.options:
            self._refuse_unknown_options(call.options)
        try:
            sent = self._client._pipeline.run(request, stream=stream, **call.options)
        except AzureError as error:
            without_traceback(error)
            raise
        response = sent.http_response
        if response.status_code != _OK:
            with suppress(AzureError):  # the status is the error, even if the body cannot be read
                response.read()
            raise response_error(response, call.error_map)
        return sent

    def _get_model_info(self, call: Call, explanation: str) -> models.ModelInfo:
        try:
            sent = self._send(build_get_model_info_request(self._config, call), call)
        except HttpResponseError as error:
            explained = model_info_error(error, explanation)
            if explained is None:
                raise
            raise explained from error
        info = read_answer(models.ModelInfo, sent.http_response)
        return info if call.cls is None else call.cls(sent, info, {})


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """Chat completions."""

    def _complete(self, call: Call) -> models.ChatCompletions | models.StreamingChatCompletions:
        request = build_chat_completions_complete_request(self._config, call)
        sent = self._send(request, call, stream=call.stream)
        answer: models.ChatCompletions | models.StreamingChatCompletions
        if call.stream:
            answer = models.StreamingChatCompletions(sent.http_response)
        else:
            answer = read_answer(models.ChatCompletions, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})


class EmbeddingsClientOperationsMixin(Operations, EmbeddingsClientBase):
    """Text embeddings."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        sent = self._send(build_embeddings_embed_request(self._config, call), call)
        answer = read_answer(models.EmbeddingsResult, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})


class ImageEmbeddingsClientOperationsMixin(Operations, ImageEmbeddingsClientBase):
    """Image embeddings."""

    def _embed(self, call: Call) -> models.EmbeddingsResult:
        sent = self._send(build_image_embeddings_embed_request(self._config, call), call)
        answer = read_answer(models.EmbeddingsResult, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})
