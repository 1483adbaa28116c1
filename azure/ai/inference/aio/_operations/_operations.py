"""The sending of requests, awaited. The requests themselves are those of the sync side."""

from __future__ import annotations

from http import HTTPStatus

from azure.core import AsyncPipelineClient
from azure.core.rest import AsyncHttpResponse, HttpRequest

from ..._client_base import Call, ChatCompletionsClientBase, ClientBase, parse_object
from ..._errors import response_error
from ..._operations._operations import build_chat_completions_complete_request
from ...models import AsyncStreamingChatCompletions, ChatCompletions


class Operations(ClientBase):
    """Sends requests and maps errors; nothing else touches the pipeline."""

    _client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse]

    async def _send(self, request: HttpRequest, call: Call) -> AsyncHttpResponse:
        options = call.options
        error_map = options.pop("error_map", None)
        response = await self._client.send_request(request, stream=call.stream, **options)
        if response.status_code != HTTPStatus.OK:
            if call.stream:
                await response.read()
            raise response_error(response, error_map)
        return response


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """The operations of a chat model."""

    async def _complete(self, call: Call) -> ChatCompletions | AsyncStreamingChatCompletions:
        response = await self._send(build_chat_completions_complete_request(self._config, call), call)
        if call.stream:
            return AsyncStreamingChatCompletions(response)
        return ChatCompletions._from_wire(parse_object(response))
