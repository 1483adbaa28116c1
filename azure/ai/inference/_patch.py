"""The clients: signatures and defaults. What they do is in the modules below, what they mean in `_client_base`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

from azure.core.credentials import AzureKeyCredential, TokenCredential

from . import _client
from ._client_base import Body, Messages, ResponseFormat, ToolChoice, Tools
from .models import ChatCompletions, StreamingChatCompletions


class ChatCompletionsClient(_client.ChatCompletionsClient):
    def __init__(
        self,
        endpoint: str,
        credential: AzureKeyCredential | TokenCredential,
        *,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        response_format: ResponseFormat | None = None,
        stop: Sequence[str] | None = None,
        tools: Tools | None = None,
        tool_choice: ToolChoice | None = None,
        seed: int | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._set_chat_defaults(locals())
        super().__init__(endpoint, credential, **kwargs)

    @overload
    def complete(
        self,
        *,
        messages: Messages,
        stream: Literal[False] = False,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        response_format: ResponseFormat | None = None,
        stop: Sequence[str] | None = None,
        tools: Tools | None = None,
        tool_choice: ToolChoice | None = None,
        seed: int | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> ChatCompletions: ...
    @overload
    def complete(
        self,
        *,
        messages: Messages,
        stream: Literal[True],
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        response_format: ResponseFormat | None = None,
        stop: Sequence[str] | None = None,
        tools: Tools | None = None,
        tool_choice: ToolChoice | None = None,
        seed: int | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> StreamingChatCompletions: ...
    @overload
    def complete(
        self,
        *,
        messages: Messages,
        stream: bool | None = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        response_format: ResponseFormat | None = None,
        stop: Sequence[str] | None = None,
        tools: Tools | None = None,
        tool_choice: ToolChoice | None = None,
        seed: int | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> ChatCompletions | StreamingChatCompletions: ...
    @overload
    def complete(self, body: Body, **kwargs: Any) -> ChatCompletions | StreamingChatCompletions: ...
    def complete(
        self,
        body: Body | None = None,
        *,
        messages: Messages | None = None,
        stream: bool | None = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        response_format: ResponseFormat | None = None,
        stop: Sequence[str] | None = None,
        tools: Tools | None = None,
        tool_choice: ToolChoice | None = None,
        seed: int | None = None,
        model: str | None = None,
        model_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> ChatCompletions | StreamingChatCompletions:
        return self._complete(self._prepare_complete(locals()))
