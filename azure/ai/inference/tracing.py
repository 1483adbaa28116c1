"""OpenTelemetry tracing of client calls. No client method is wrapped until `instrument` is called."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from ._client_base import Call
from ._recording import CallRecorder, Convention
from ._spans import SpanConvention
from ._telemetry import TelemetryConvention
from ._tool_loop import ToolCall, ToolObserver
from .models import AsyncStreamingChatCompletions, StreamingChatCompletions

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["AIInferenceInstrumentor"]

_CONTENT_VARIABLE = "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"
_OPT_IN_VARIABLE = "OTEL_SEMCONV_STABILITY_OPT_IN"
_LATEST = "gen_ai_latest_experimental"
_PLUGIN = "azure.core.tracing.ext.opentelemetry_span"

_originals: list[tuple[type, str, Callable[..., Any] | None]] = []


class AIInferenceInstrumentor:
    """Switches tracing on and off, for all clients of the process.

    There are two semantic conventions. The spans of 1.0.0b9 are the default; they are recorded only if azure-core has a
    tracing implementation: `settings.tracing_implementation = "opentelemetry"`, with `settings` from
    `azure.core.settings`. The latest conventions have metrics, too.
    """

    _convention: Convention = SpanConvention(records_content=False)

    def instrument(
        self,
        enable_content_recording: bool | None = None,
        *,
        semantic_conventions: Literal["1.0.0b9", "latest"] | None = None,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: LoggerProvider | None = None,
    ) -> None:
        """Start tracing the calls of all clients. A second call only changes what is recorded, and how.

        :param enable_content_recording: Whether the content of messages and choices is recorded. Default: whether the
         environment variable AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED is "true". With the latest conventions,
         False records no content, and otherwise OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT decides, which is
         "no_content" by default, "span_only", "event_only" or "span_and_event".
        :keyword semantic_conventions: "latest" for those of today, "1.0.0b9" for the spans of that release. Default:
         "latest" if the environment variable OTEL_SEMCONV_STABILITY_OPT_IN contains gen_ai_latest_experimental.
        :keyword tracer_provider: What makes the spans. Default: the global provider of OpenTelemetry. This and the next
         two are for the latest conventions.
        :keyword meter_provider: What makes the metrics. Default: the global provider.
        :keyword logger_provider: What makes the events. Default: the global provider.
        :raises ModuleNotFoundError: The package azure-core-tracing-opentelemetry is not installed; for the latest
         conventions, opentelemetry-util-genai.
        :raises ValueError: `semantic_conventions` is unknown, or there is a provider without the latest conventions.
        """
        is_latest = _is_latest(semantic_conventions)
        given = {
            "tracer_provider": tracer_provider,
            "meter_provider": meter_provider,
            "logger_provider": logger_provider,
        }
        providers = {name: provider for name, provider in given.items() if provider is not None}
        if is_latest:
            AIInferenceInstrumentor._convention = TelemetryConvention(
                records_content=enable_content_recording, **providers
            )
        elif providers:
            raise ValueError(f"`{next(iter(providers))}` needs semantic_conventions='latest'.")
        else:
            _require_plugin()
            if enable_content_recording is None:
                enable_content_recording = os.environ.get(_CONTENT_VARIABLE, "").strip().lower() in ("true", "1")
            AIInferenceInstrumentor._convention = SpanConvention(records_content=enable_content_recording)
        if not _originals:
            _wrap_clients()

    def uninstrument(self) -> None:
        """Stop tracing. Without a preceding `instrument`, this does nothing."""
        while _originals:
            setattr(*_originals.pop())

    def is_instrumented(self) -> bool:
        """Return whether calls are traced."""
        return bool(_originals)

    def is_content_recording_enabled(self) -> bool:
        """Return whether the content of messages and choices is recorded."""
        return self.is_instrumented() and AIInferenceInstrumentor._convention.records_content


def _is_latest(semantic_conventions: str | None) -> bool:
    if semantic_conventions is None:
        return _LATEST in (name.strip() for name in os.environ.get(_OPT_IN_VARIABLE, "").split(","))
    if semantic_conventions not in ("1.0.0b9", "latest"):
        raise ValueError(f"`semantic_conventions` must be '1.0.0b9' or 'latest', not {semantic_conventions!r}.")
    return semantic_conventions == "latest"


def _require_plugin() -> None:
    found = None
    with suppress(ModuleNotFoundError):  # raised if a parent package is not installed
        found = importlib.util.find_spec(_PLUGIN)
    if found is None:
        raise ModuleNotFoundError("Tracing needs OpenTelemetry: pip install azure-ai-inference[opentelemetry]")


def _wrap_clients() -> None:
    from ._operations import _operations as sync_operations
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


def _tool_recorder(call: ToolCall) -> ToolObserver:
    return AIInferenceInstrumentor._convention.tool_recorder(call)


def _recorder(operation: str, client: Any, call: Call) -> CallRecorder:
    return AIInferenceInstrumentor._convention.call_recorder(operation, client._config.url, call.content)


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
