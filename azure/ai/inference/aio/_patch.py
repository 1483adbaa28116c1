"""The async clients: signatures and defaults. Their documentation is in `_client_base`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Literal, overload

from azure.core.credentials import AzureKeyCredential
from azure.core.credentials_async import AsyncTokenCredential

from .._body import Body, ResponseFormat
from .._client_base import (
    LOAD_CLIENT,
    MAX_CONCURRENCY,
    NO_LOAD_CLIENT,
    Functions,
    Messages,
    OnError,
    Progress,
    Request,
    ToolChoice,
    Tools,
    client_name_for,
)
from .._lazy_models import models
from . import _client
from ._embeddings import EmbeddingsClient, ImageEmbeddingsClient

__all__ = ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "load_client"]
_logger = logging.getLogger(__name__)


class ChatCompletionsClient(_client.ChatCompletionsClient):
    __doc__ = _client.ChatCompletionsClient.__doc__

    def __init__(
        self,
        endpoint: str,
        credential: AzureKeyCredential | AsyncTokenCredential,
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
        max_completion_tokens: int | None = None,
        n: int | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        logit_bias: Mapping[str, float] | None = None,
        parallel_tool_calls: bool | None = None,
        reasoning_effort: str | None = None,
        stream_options: Mapping[str, Any] | None = None,
        modalities: Sequence[str] | None = None,
        user: str | None = None,
        metadata: Mapping[str, str] | None = None,
        store: bool | None = None,
        verbosity: str | None = None,
        service_tier: str | None = None,
        prompt_cache_key: str | None = None,
        prompt_cache_retention: str | None = None,
        safety_identifier: str | None = None,
        prediction: Mapping[str, Any] | None = None,
        web_search_options: Mapping[str, Any] | None = None,
        audio: Mapping[str, Any] | None = None,
        moderation: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._set_defaults(
            {
                "frequency_penalty": frequency_penalty,
                "max_tokens": max_tokens,
                "model": model,
                "presence_penalty": presence_penalty,
                "response_format": response_format,
                "seed": seed,
                "stop": stop,
                "temperature": temperature,
                "tool_choice": tool_choice,
                "tools": tools,
                "top_p": top_p,
            },
            model_extras,
            pass_through={
                "max_completion_tokens": max_completion_tokens,
                "n": n,
                "logprobs": logprobs,
                "top_logprobs": top_logprobs,
                "logit_bias": logit_bias,
                "parallel_tool_calls": parallel_tool_calls,
                "reasoning_effort": reasoning_effort,
                "stream_options": stream_options,
                "modalities": modalities,
                "user": user,
                "metadata": metadata,
                "store": store,
                "verbosity": verbosity,
                "service_tier": service_tier,
                "prompt_cache_key": prompt_cache_key,
                "prompt_cache_retention": prompt_cache_retention,
                "safety_identifier": safety_identifier,
                "prediction": prediction,
                "web_search_options": web_search_options,
                "audio": audio,
                "moderation": moderation,
            },
        )
        super().__init__(endpoint, credential, **kwargs)

    @overload
    async def complete(
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
        max_completion_tokens: int | None = None,
        n: int | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        logit_bias: Mapping[str, float] | None = None,
        parallel_tool_calls: bool | None = None,
        reasoning_effort: str | None = None,
        stream_options: Mapping[str, Any] | None = None,
        modalities: Sequence[str] | None = None,
        user: str | None = None,
        metadata: Mapping[str, str] | None = None,
        store: bool | None = None,
        verbosity: str | None = None,
        service_tier: str | None = None,
        prompt_cache_key: str | None = None,
        prompt_cache_retention: str | None = None,
        safety_identifier: str | None = None,
        prediction: Mapping[str, Any] | None = None,
        web_search_options: Mapping[str, Any] | None = None,
        audio: Mapping[str, Any] | None = None,
        moderation: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.ChatCompletions: ...
    @overload
    async def complete(
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
        max_completion_tokens: int | None = None,
        n: int | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        logit_bias: Mapping[str, float] | None = None,
        parallel_tool_calls: bool | None = None,
        reasoning_effort: str | None = None,
        stream_options: Mapping[str, Any] | None = None,
        modalities: Sequence[str] | None = None,
        user: str | None = None,
        metadata: Mapping[str, str] | None = None,
        store: bool | None = None,
        verbosity: str | None = None,
        service_tier: str | None = None,
        prompt_cache_key: str | None = None,
        prompt_cache_retention: str | None = None,
        safety_identifier: str | None = None,
        prediction: Mapping[str, Any] | None = None,
        web_search_options: Mapping[str, Any] | None = None,
        audio: Mapping[str, Any] | None = None,
        moderation: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.AsyncStreamingChatCompletions: ...
    @overload
    async def complete(
        self,
        *,
        messages: Messages,
        stream: bool | None,
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
        max_completion_tokens: int | None = None,
        n: int | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        logit_bias: Mapping[str, float] | None = None,
        parallel_tool_calls: bool | None = None,
        reasoning_effort: str | None = None,
        stream_options: Mapping[str, Any] | None = None,
        modalities: Sequence[str] | None = None,
        user: str | None = None,
        metadata: Mapping[str, str] | None = None,
        store: bool | None = None,
        verbosity: str | None = None,
        service_tier: str | None = None,
        prompt_cache_key: str | None = None,
        prompt_cache_retention: str | None = None,
        safety_identifier: str | None = None,
        prediction: Mapping[str, Any] | None = None,
        web_search_options: Mapping[str, Any] | None = None,
        audio: Mapping[str, Any] | None = None,
        moderation: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.ChatCompletions | models.AsyncStreamingChatCompletions: ...
    # Two for a body, neither of which `complete(messages=..., stream=..., **options)` could mean as well: pyright and
    # ty know what that returns.
    @overload
    async def complete(
        self, body: Body, *, stream: None = None, **kwargs: Any
    ) -> models.ChatCompletions | models.AsyncStreamingChatCompletions: ...
    @overload
    async def complete(
        self, body: Body, /, *, stream: bool, headers: Mapping[str, str] = ..., timeout: float | None = ...
    ) -> models.ChatCompletions | models.AsyncStreamingChatCompletions: ...
    async def complete(
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
        max_completion_tokens: int | None = None,
        n: int | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        logit_bias: Mapping[str, float] | None = None,
        parallel_tool_calls: bool | None = None,
        reasoning_effort: str | None = None,
        stream_options: Mapping[str, Any] | None = None,
        modalities: Sequence[str] | None = None,
        user: str | None = None,
        metadata: Mapping[str, str] | None = None,
        store: bool | None = None,
        verbosity: str | None = None,
        service_tier: str | None = None,
        prompt_cache_key: str | None = None,
        prompt_cache_retention: str | None = None,
        safety_identifier: str | None = None,
        prediction: Mapping[str, Any] | None = None,
        web_search_options: Mapping[str, Any] | None = None,
        audio: Mapping[str, Any] | None = None,
        moderation: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> models.ChatCompletions | models.AsyncStreamingChatCompletions:
        call = self._prepare(
            body,
            {
                "messages": messages,
                "stream": stream,
                "frequency_penalty": frequency_penalty,
                "max_tokens": max_tokens,
                "model": model,
                "presence_penalty": presence_penalty,
                "response_format": response_format,
                "seed": seed,
                "stop": stop,
                "temperature": temperature,
                "tool_choice": tool_choice,
                "tools": tools,
                "top_p": top_p,
            },
            kwargs,
            model_extras,
            pass_through={
                "max_completion_tokens": max_completion_tokens,
                "n": n,
                "logprobs": logprobs,
                "top_logprobs": top_logprobs,
                "logit_bias": logit_bias,
                "parallel_tool_calls": parallel_tool_calls,
                "reasoning_effort": reasoning_effort,
                "stream_options": stream_options,
                "modalities": modalities,
                "user": user,
                "metadata": metadata,
                "store": store,
                "verbosity": verbosity,
                "service_tier": service_tier,
                "prompt_cache_key": prompt_cache_key,
                "prompt_cache_retention": prompt_cache_retention,
                "safety_identifier": safety_identifier,
                "prediction": prediction,
                "web_search_options": web_search_options,
                "audio": audio,
                "moderation": moderation,
            },
        )
        return await self._complete(call)

    @overload
    async def run_tools(
        self,
        *,
        messages: Messages,
        tools: Functions,
        stream: Literal[False] = False,
        max_rounds: int = 10,
        max_concurrency: int = 8,
        on_error: Literal["return", "raise"] = "return",
        **kwargs: Any,
    ) -> models.ToolRun: ...
    @overload
    async def run_tools(
        self,
        *,
        messages: Messages,
        tools: Functions,
        stream: Literal[True],
        max_rounds: int = 10,
        max_concurrency: int = 8,
        on_error: Literal["return", "raise"] = "return",
        **kwargs: Any,
    ) -> models.AsyncStreamingToolRun: ...
    @overload
    async def run_tools(
        self,
        *,
        messages: Messages,
        tools: Functions,
        stream: bool,
        max_rounds: int = 10,
        max_concurrency: int = 8,
        on_error: Literal["return", "raise"] = "return",
        **kwargs: Any,
    ) -> models.ToolRun | models.AsyncStreamingToolRun: ...
    async def run_tools(
        self,
        *,
        messages: Messages,
        tools: Functions,
        stream: bool = False,
        max_rounds: int = 10,
        max_concurrency: int = 8,
        on_error: Literal["return", "raise"] = "return",
        **kwargs: Any,
    ) -> models.ToolRun | models.AsyncStreamingToolRun:
        from ._tool_runner import run_tools

        return await run_tools(
            self.complete,
            stream,
            messages=messages,
            tools=tools,
            keywords=kwargs,
            max_rounds=max_rounds,
            max_concurrency=max_concurrency,
            on_error=on_error,
        )

    @overload
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: Literal["raise"] = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> models.AsyncBulkIterator[models.BulkCompletion]: ...
    @overload
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError,
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> models.AsyncBulkIterator[models.BulkCompletion | models.BulkFailure]: ...
    def complete_many(
        self,
        requests: AsyncIterable[Request] | Iterable[Request],
        *,
        max_concurrency: int = MAX_CONCURRENCY,
        on_error: OnError = "raise",
        ordered: bool = True,
        progress: Progress[models.CompletionsUsage] | None = None,
        **kwargs: Any,
    ) -> models.AsyncBulkIterator[Any]:
        from ._bulk_runner import complete_many

        return complete_many(
            self.complete,
            requests,
            kwargs,
            max_concurrency=max_concurrency,
            on_error=on_error,
            ordered=ordered,
            progress=progress,
        )


async def load_client(
    endpoint: str, credential: AzureKeyCredential | AsyncTokenCredential, **kwargs: Any
) -> ChatCompletionsClient | EmbeddingsClient | ImageEmbeddingsClient:
    probe = _client.Client(endpoint, credential, **kwargs)
    try:
        info = await probe._get_model_info(probe._prepare_model_info(None, {}), NO_LOAD_CLIENT)
        _logger.info("model_info=%s", info)
        client = _CLASSES[client_name_for(info)](endpoint, credential, **kwargs)
    except BaseException:
        await probe.close()
        raise
    client._adopt_pipeline(probe, info)
    return client


_CLASSES = {cls.__name__: cls for cls in (ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient)}
load_client.__doc__ = LOAD_CLIENT
