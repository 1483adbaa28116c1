"""OpenTelemetry tracing of client calls. No client method is wrapped until `instrument` is called."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ._client_base import Call
from ._spans import SpanRecorder, ToolSpanRecorder
from .models import AsyncStreamingChatCompletions, StreamingChatCompletions

__all__ = ["AIInferenceInstrumentor"]

_CONTENT_VARIABLE = "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"
_PLUGIN = "azure.core.tracing.ext.opentelemetry_span"

_originals: list[tuple[type, str, Callable[..., Any] | None]] = []


class AIInferenceInstrumentor:
    """Switches tracing on and off, for all clients of the process.

    Spans are recorded only if azure-core has a tracing implementation: `settings.tracing_implementation =
    "opentelemetry"`, with `settings` from `azure.core.settings`.
    """

    _records_content = False

    def instrument(self, enable_content_recording: bool | None = None) -> None:
        """Start tracing the calls of all clients. A second call only changes whether content is recorded.

        :param enable_content_recording: Whether the content of messages and choices is recorded. Default: whether the
         environment variable AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED is "true".
        :raises ModuleNotFoundError: The package azure-core-tracing-opentelemetry is not installed.
        """
        found = None
        with suppress(ModuleNotFoundError):  # raised if a parent package is not installed
            found = importlib.util.find_spec(_PLUGIN)
        if found is None:
            raise ModuleNotFoundError("Tracing needs OpenTelemetry: pip install azure-ai-inference[opentelemetry]")
        if enable_content_recording is None:
            enable_content_recording = os.environ.get(_CONTENT_VARIABLE, "").strip().lower() in ("true", "1")
        AIInferenceInstrumentor._records_content = enable_content_recording
        if not _originals:
            _wrap_clients()

    def uninstrument(self) -> None:
        """Stop tracing. Without a preceding `instrument`, this does nothing."""
        while _originals:
            setattr(*_originals.pop())
        AIInferenceInstrumentor._records_content = False

    def is_instrumented(self) -> bool:
        """Return whether calls are traced."""
        return bool(_originals)

    def is_content_recording_enabled(self) -> bool:
        """Return whether the content of messages and choices is recorded."""
        return AIInferenceInstrumentor._records_content


def _wrap_clients() -> None:
    from ._operations import _operations as sync_operations
    from ._tool_loop import ToolCall
    from .aio._operations import _operations as async_operations

    _originals.append((ToolCall, "observer", ToolCall.observer))
    ToolCall.observer = _tool_recorder

    for operations, traced in ((sync_operations, _traced), (async_operations, _traced_async)):
        for cls, name, operation in (
            (operations.ChatCompletionsClientOperationsMixin, "_complete", "chat"),
            (operations.EmbeddingsClientOperationsMixin, "_embed", "embeddings"),
            (operations.ImageEmbeddingsClientOperationsMixin, "_embed", "embeddings"),
        ):
            original = getattr(cls, name)
            _originals.append((cls, name, original))
            setattr(cls, name, traced(original, operation))


def _tool_recorder(call: Any) -> ToolSpanRecorder:
    records_content = AIInferenceInstrumentor._records_content
    return ToolSpanRecorder(call.name, call.id, call.arguments, records_content=records_content)


def _recorder(operation: str, client: Any, call: Call) -> SpanRecorder:
    records_content = AIInferenceInstrumentor._records_content
    return SpanRecorder(operation, client._config.url, call.content, records_content=records_content)


def _traced(original: Callable[..., Any], operation: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def send(client: Any, call: Call) -> Any:
        recorder = _recorder(operation, client, call)
        try:
            with recorder.current():
                result = original(client, call)
        except BaseException as error:
            recorder.fail(error)
            raise
        if isinstance(result, StreamingChatCompletions):
            result._observe(recorder)
        else:
            recorder.end(result)
        return result

    return send


def _traced_async(original: Callable[..., Any], operation: str) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(client: Any, call: Call) -> Any:
        recorder = _recorder(operation, client, call)
        try:
            with recorder.current():
                result = await original(client, call)
        except BaseException as error:
            recorder.fail(error)
            raise
        if isinstance(result, AsyncStreamingChatCompletions):
            result._observe(recorder)
        else:
            recorder.end(result)
        return result

    return send
