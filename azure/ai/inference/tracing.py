"""Spans of OpenTelemetry for the calls of all clients. Nothing is wrapped until `instrument` is called."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ._client_base import Call
from ._spans import SpanRecorder
from .models import AsyncStreamingChatCompletions, StreamingChatCompletions

__all__ = ["AIInferenceInstrumentor"]

_CONTENT_VARIABLE = "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"
_PLUGIN = "azure.core.tracing.ext.opentelemetry_span"

_originals: list[tuple[type, str, Callable[..., Any]]] = []


class AIInferenceInstrumentor:
    """Switches the tracing of all clients on and off, for the whole process.

    For spans to appear, azure-core has to be told the implementation: `settings.tracing_implementation =
    "opentelemetry"`, with `settings` from `azure.core.settings`.
    """

    _records_content = False

    def instrument(self, enable_content_recording: bool | None = None) -> None:
        """Trace the calls of all clients. Calling this again renews the setting.

        :param enable_content_recording: Whether messages and answers are recorded as events of the spans. Default: what
         the environment variable AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED says, "true" or not.
        :raises ModuleNotFoundError: The package azure-core-tracing-opentelemetry is missing.
        """
        found = None
        with suppress(ModuleNotFoundError):  # not even the package around it is there
            found = importlib.util.find_spec(_PLUGIN)
        if found is None:
            raise ModuleNotFoundError("Tracing needs OpenTelemetry: pip install azure-ai-inference[opentelemetry]")
        if enable_content_recording is None:
            enable_content_recording = os.environ.get(_CONTENT_VARIABLE, "").strip().lower() in ("true", "1")
        AIInferenceInstrumentor._records_content = enable_content_recording
        if not _originals:
            _wrap_clients()

    def uninstrument(self) -> None:
        """Trace no longer. Where nothing is traced, nothing happens."""
        while _originals:
            setattr(*_originals.pop())
        AIInferenceInstrumentor._records_content = False

    def is_instrumented(self) -> bool:
        """Return whether calls are traced."""
        return bool(_originals)

    def is_content_recording_enabled(self) -> bool:
        """Return whether messages and answers are recorded."""
        return AIInferenceInstrumentor._records_content


def _wrap_clients() -> None:
    from ._operations import _operations as sync_side
    from .aio._operations import _operations as async_side

    for side, traced in ((sync_side, _traced), (async_side, _traced_async)):
        for kind, name, operation in (
            (side.ChatCompletionsClientOperationsMixin, "_complete", "chat"),
            (side.EmbeddingsClientOperationsMixin, "_embed", "embeddings"),
            (side.ImageEmbeddingsClientOperationsMixin, "_embed", "embeddings"),
        ):
            original = getattr(kind, name)
            _originals.append((kind, name, original))
            setattr(kind, name, traced(original, operation))


def _recorder(operation: str, client: Any, call: Call) -> SpanRecorder:
    records_content = AIInferenceInstrumentor._records_content
    return SpanRecorder(operation, client._config.url, call.content, records_content=records_content)


def _traced(original: Callable[..., Any], operation: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def send(client: Any, call: Call) -> Any:
        recorder = _recorder(operation, client, call)
        try:
            with recorder.current():
                answer = original(client, call)
        except BaseException as error:
            recorder.fail(error)
            raise
        if isinstance(answer, StreamingChatCompletions):
            answer._observe(recorder)
        else:
            recorder.end(answer)
        return answer

    return send


def _traced_async(original: Callable[..., Any], operation: str) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(client: Any, call: Call) -> Any:
        recorder = _recorder(operation, client, call)
        try:
            with recorder.current():
                answer = await original(client, call)
        except BaseException as error:
            recorder.fail(error)
            raise
        if isinstance(answer, AsyncStreamingChatCompletions):
            answer._observe(recorder)
        else:
            recorder.end(answer)
        return answer

    return send
