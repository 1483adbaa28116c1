"""The requests of the API: sending, and the mapping of errors. The builders are those of the sync side."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import AsyncHttpResponse, HttpRequest

from ..._body import parse_object
from ..._client_base import (
    Call,
    ChatCompletionsClientBase,
    ClientBase,
    EmbeddingsClientBase,
    ImageEmbeddingsClientBase,
)
from ..._errors import model_info_error, response_error, unknown_keyword
from ..._lazy_models import models
from ..._operations._operations import (
    build_chat_completions_complete_request,
    build_embeddings_embed_request,
    build_get_model_info_request,
    build_image_embeddings_embed_request,
)


class Operations(ClientBase):
    """Sends requests and maps errors. Nothing else touches the pipeline."""

    _client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse]

    async def _send(self, request: HttpRequest, call: Call) -> AsyncHttpResponse:
        options = call.options
        error_map = options.pop("error_map", None)
        try:
            response = await self._client.send_request(request, stream=call.stream, **options)
        except TypeError as error:
            explained = unknown_keyword(options)
            if explained is None:
                raise
            raise explained from error
        if response.status_code != HTTPStatus.OK:
            with suppress(AzureError):  # the status is the error, even if the body cannot be read
                await response.read()
            raise response_error(response, error_map)
        return response

    async def _get_model_info(self, call: Call, explanation: str) -> models.ModelInfo:
        try:
            response = await self._send(build_get_model_info_request(self._config, call), call)
        except HttpResponseError as error:
            raise model_info_error(error, explanation) from error
        return models.ModelInfo._from_wire(parse_object(response))


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """Chat completions."""

    async def _complete(self, call: Call) -> models.ChatCompletions | models.AsyncStreamingChatCompletions:
        response = await self._send(build_chat_completions_complete_request(self._config, call), call)
        if call.stream:
            return models.AsyncStreamingChatCompletions(response)
        return models.ChatCompletions._from_wire(parse_object(response))


class EmbeddingsClientOperationsMixin(Operations, EmbeddingsClientBase):
    """Text embeddings."""

    async def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = await self._send(build_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))


class ImageEmbeddingsClientOperationsMixin(Operations, ImageEmbeddingsClientBase):
    """Image embeddings."""

    async def _embed(self, call: Call) -> models.EmbeddingsResult:
        response = await self._send(build_image_embeddings_embed_request(self._config, call), call)
        return models.EmbeddingsResult._from_wire(parse_object(response))
