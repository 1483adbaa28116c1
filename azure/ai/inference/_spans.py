"""OpenTelemetry spans of client calls as 1.0.0b9 makes them, according to the semantic conventions of 2024."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from azure.core.settings import settings
from azure.core.tracing import SpanKind

from ._recording import PORTS, CallRecorder, parse_body, qualified_name, safely
from ._tool_loop import ToolCall, ToolObserver
from .models import EmbeddingsResult, StreamingChatCompletionsUpdate
from .models._accumulator import CompletionAccumulator

_SYSTEM = "az.ai.inference"
_DEFAULT_PORT = 443
"""The conventions omit `server.port` for this port."""
_NANOSECONDS_PER_MICROSECOND = 1000


class SpanConvention:
    """Makes the recorders of the spans that 1.0.0b9 has.

    :param records_content: Whether the content of messages and choices is recorded.
    """

    def __init__(self, *, records_content: bool) -> None:
        self.records_content = records_content

    def call_recorder(self, operation: str, endpoint: str, content: str | bytes | None) -> CallRecorder:
        """Return the recorder of a call of a client."""
        return SpanRecorder(operation, endpoint, content, records_content=self.records_content)

    def tool_recorder(self, call: ToolCall) -> ToolObserver:
        """Return the recorder of a call of a tool."""
        return ToolSpanRecorder(call.name, call.id, call.arguments, records_content=self.records_content)


class ToolSpanRecorder:
    """Records the span of one call of a tool by `run_tools`.

    :param name: The name of the tool.
    :param call_id: The id of the call.
    :param arguments: The arguments, in JSON.
    :param records_content: Whether arguments and result are recorded.
    """

    def __init__(self, name: str, call_id: str | None, arguments: str, *, records_content: bool) -> None:
        self._records_content = records_content
        self._span: Any = None
        self._implementation: Any = None
        self._begin(name, call_id, arguments)

    def current(self) -> AbstractContextManager[Any]:
        """Return a context in which the span is current: spans of the tool become its children."""
        return _current(self._implementation, self._span)

    @safely
    def _begin(self, name: str, call_id: str | None, arguments: str) -> None:
        self._implementation = settings.tracing_implementation()
        if self._implementation is not None:
            self._span = self._implementation(name=f"execute_tool {name}", kind=SpanKind.INTERNAL)
            attributes = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": name,
                "gen_ai.tool.call.id": call_id,
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.arguments": arguments if self._records_content else None,
            }
            _set_attributes(self._span, attributes)

    @safely
    def end(self, result: str) -> None:
        """End the span with the result of the tool."""
        if self._span is not None:
            if self._records_content:
                self._span.add_attribute("gen_ai.tool.call.result", result)
            self._span.finish()

    @safely
    def fail(self, error: BaseException) -> None:
        """End the span with an error."""
        if self._span is not None:
            _set_error(self._span, error, str(error) if self._records_content else None)
            self._span.finish()


class SpanRecorder:
    """Records the span of one call: request, response, and error if there is one.

    :param operation: "chat" or "embeddings".
    :param endpoint: The URL of the endpoint.
    :param content: The request body.
    :param records_content: Whether the content of messages and choices is recorded.
    """

    def __init__(self, operation: str, endpoint: str, content: str | bytes | None, *, records_content: bool) -> None:
        self._operation = operation
        self._records_content = records_content
        self._accumulator = CompletionAccumulator()
        self._last_event = 0
        self._span: Any = None
        self._implementation: Any = None
        self._begin(endpoint, content)

    def current(self) -> AbstractContextManager[Any]:
        """Return a context in which the span is current: the spans of HTTP requests become its children."""
        return _current(self._implementation, self._span)

    @safely
    def update(self, update: StreamingChatCompletionsUpdate) -> None:
        """Record an update of a stream."""
        if self._span is not None:
            self._accumulator.add(update)

    @safely
    def fail(self, error: BaseException) -> None:
        """End the span with an error, after recording what was received before it."""
        if self._span is not None:
            _set_error(self._span, error, str(error))
        self.end()

    @safely
    def end(self, response: Mapping[str, Any] | None = None) -> None:
        """End the span with the response, by default the accumulated updates of a stream. Ending it twice is fine."""
        span, self._span = self._span, None
        if span is not None:
            try:
                self._record_response(span, response)
            finally:
                span.finish()

    @safely
    def _begin(self, endpoint: str, content: str | bytes | None) -> None:
        self._implementation = settings.tracing_implementation()
        if self._implementation is None:
            return
        body = parse_body(content)
        model = body.get("model")
        name = f"{self._operation} {model}" if model else self._operation
        self._span = self._implementation(name=name, kind=SpanKind.CLIENT)
        self._record_request(self._span, urlsplit(endpoint), body)
        if self._records_content:
            for message in body.get("messages") or ():
                self._add_event(self._span, f"gen_ai.{message.get('role')}.message", message)

    def _record_request(self, span: Any, endpoint: Any, body: Mapping[str, Any]) -> None:
        encoding = body.get("encoding_format")
        port = endpoint.port or PORTS.get(endpoint.scheme)
        _set_attributes(
            span,
            {
                "gen_ai.operation.name": self._operation,
                "gen_ai.system": _SYSTEM,
                "gen_ai.request.model": body.get("model") or self._operation,
                "gen_ai.request.max_tokens": body.get("max_tokens"),
                "gen_ai.request.temperature": body.get("temperature"),
                "gen_ai.request.top_p": body.get("top_p"),
                "gen_ai.request.encoding_formats": None if encoding is None else [encoding],
                "server.address": endpoint.hostname,
                "server.port": None if port == _DEFAULT_PORT else port,
                "gen_ai.embeddings.dimension.count": body.get("dimensions"),
            },
        )

    def _record_response(self, span: Any, whole: Mapping[str, Any] | None) -> None:
        response = self._accumulator.completion() if whole is None else whole
        choices = response.get("choices") or []
        usage = response.get("usage") or {}
        reasons = [str(choice["finish_reason"]) for choice in choices if choice.get("finish_reason")]
        _set_attributes(
            span,
            {
                "gen_ai.response.id": response.get("id"),
                "gen_ai.response.model": response.get("model"),
                "gen_ai.usage.input_tokens": usage.get("prompt_tokens"),
                "gen_ai.usage.output_tokens": usage.get("completion_tokens"),
                "gen_ai.response.finish_reasons": reasons or None,
                "gen_ai.embeddings.dimension.count": _dimensions(response),
            },
        )
        for choice in choices:
            self._add_event(span, "gen_ai.choice", self._choice_event(choice, streamed=whole is None))

    def _choice_event(self, choice: Mapping[str, Any], *, streamed: bool) -> dict[str, Any]:
        message = choice.get("message") or {}
        calls = message.get("tool_calls")
        content = message.get("content")
        recorded: dict[str, Any] = {}
        if self._records_content and not (streamed and content is None):  # as in 1.0.0b9
            recorded["content"] = content
        if calls:
            recorded["tool_calls"] = calls if self._records_content else list(map(_without_content, calls))
        end = {"finish_reason": choice.get("finish_reason"), "index": choice.get("index")}
        return {"message": recorded, **end} if recorded else end

    def _add_event(self, span: Any, name: str, content: Any) -> None:
        self._last_event = max(time.time_ns(), self._last_event + _NANOSECONDS_PER_MICROSECOND)
        attributes = {"gen_ai.system": _SYSTEM, "gen_ai.event.content": json.dumps(content)}
        span.span_instance.add_event(name, attributes, timestamp=self._last_event)


def _current(implementation: Any, span: Any) -> AbstractContextManager[Any]:
    try:
        context: AbstractContextManager[Any] = implementation.change_context(span.span_instance)
    except Exception:
        return nullcontext()
    return context


def _set_error(span: Any, error: BaseException, description: str | None) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.add_attribute("error.type", qualified_name(type(error)))
    span.span_instance.set_status(Status(StatusCode.ERROR, description))


def _without_content(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a tool call that is recorded if content is not."""
    recorded = {name: call[name] for name in ("id", "type") if name in call}
    function = call.get("function")
    if isinstance(function, Mapping) and "call_id" in function:
        recorded["function"] = {"call_id": function["call_id"]}
    return recorded


def _set_attributes(span: Any, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        if value is not None:
            span.add_attribute(name, value)


def _dimensions(response: Mapping[str, Any]) -> int | None:
    """Return the number of dimensions of the first embedding; None if there is none, or if it is not a list."""
    if not isinstance(response, EmbeddingsResult) or not response.data:
        return None
    embedding = response.data[0].embedding
    return len(embedding) if isinstance(embedding, list) else None
