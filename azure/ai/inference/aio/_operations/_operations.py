"""The requests of the API: sending, and the mapping of errors. The builders are those of the sync side."""

from __future__ import annotations

from contextlib import suppress

from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.rest import AsyncHttpResponse, HttpRequest

from ..._body import read_answer
from ..._client_base import (
    Call,
    ChatCompletionsClientBase,
    ClientBase,
    EmbeddingsClientBase,
    ImageEmbeddingsClientBase,
)
from ..._errors import model_info_error, response_error
from ..._http._byte_stream_async import read_rest
from ..._http._failures import without_traceback
from ..._lazy_models import models
from ..._operations._operations import (
    build_chat_completions_complete_request,
    build_embeddings_embed_request,
    build_get_model_info_request,
    build_image_embeddings_embed_request,
)

_OK = 200


class Operations(ClientBase):
    """Sends requests and maps errors. Nothing else touches the pipeline."""

    _client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse]

    async def _send(
        self, request: HttpRequest, call: Call, *, stream: bool = False
    ) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        if call.options:
            self._refuse_unknown_options(call.options)
        try:
            sent = await self._client._pipeline.run(request, stream=stream, **call.options)
        except AzureError as error:
            without_traceback(error)
            raise
        response = sent.http_response
        if response.status_code != _OK:
            with suppress(AzureError):  # the status is the error, even if the body cannot be read
                await read_rest(response)
            raise response_error(response, call.error_map)
        return sent

    async def _get_model_info(self, call: Call, explanation: str) -> models.ModelInfo:
        try:
            sent = await self._send(build_get_model_info_request(self._config, call), call)
        except HttpResponseError as error:
            explained = model_info_error(error, explanation)
            if explained is None:
                raise
            raise explained from error
        info = read_answer(models.ModelInfo, sent.http_response)
        return info if call.cls is None else call.cls(sent, info, {})


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """Chat completions."""

    async def _complete(self, call: Call) -> models.ChatCompletions | models.AsyncStreamingChatCompletions:
        request = build_chat_completions_complete_request(self._config, call)
        sent = await self._send(request, call, stream=call.stream)
        answer: models.ChatCompletions | models.AsyncStreamingChatCompletions
        if call.stream:
            answer = models.AsyncStreamingChatCompletions(sent.http_response)
        else:
            answer = read_answer(models.ChatCompletions, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})


class EmbeddingsClientOperationsMixin(Operations, EmbeddingsClientBase):
    """Text embeddings."""

    async def _embed(self, call: Call) -> models.EmbeddingsResult:
        sent = await self._send(build_embeddings_embed_request(self._config, call), call)
        answer = read_answer(models.EmbeddingsResult, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})


class ImageEmbeddingsClientOperationsMixin(Operations, ImageEmbeddingsClientBase):
    """Image embeddings."""

    async def _embed(self, call: Call) -> models.EmbeddingsResult:
        sent = await self._send(build_image_embeddings_embed_request(self._config, call), call)
        answer = read_answer(models.EmbeddingsResult, sent.http_response)
        return answer if call.cls is None else call.cls(sent, answer, {})
