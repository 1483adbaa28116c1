"""The requests of the API, and the sending of them."""

from __future__ import annotations

from http import HTTPStatus

from azure.core import PipelineClient
from azure.core.rest import HttpRequest, HttpResponse

from .._client_base import Call, ChatCompletionsClientBase, ClientBase, parse_object
from .._configuration import Configuration
from .._errors import response_error
from ..models import ChatCompletions, StreamingChatCompletions


def build_chat_completions_complete_request(config: Configuration, call: Call) -> HttpRequest:
    """The request for an answer of a chat model."""
    return _build_request("POST", "/chat/completions", config, call)


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
        response = self._client.send_request(request, stream=call.stream, **options)
        if response.status_code != HTTPStatus.OK:
            if call.stream:
                response.read()
            raise response_error(response, error_map)
        return response


class ChatCompletionsClientOperationsMixin(Operations, ChatCompletionsClientBase):
    """The operations of a chat model."""

    def _complete(self, call: Call) -> ChatCompletions | StreamingChatCompletions:
        response = self._send(build_chat_completions_complete_request(self._config, call), call)
        if call.stream:
            return StreamingChatCompletions(response)
        return ChatCompletions._from_wire(parse_object(response))
