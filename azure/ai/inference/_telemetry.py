"""Spans, metrics and events of client calls according to today's semantic conventions.

opentelemetry-util-genai makes them. This module tells it what a call is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import HttpResponseError

from ._endpoint import deployment_name, provider_name
from ._recording import PORTS, CallRecorder, parse_body, qualified_name, safely
from ._telemetry_fields import (
    Fields,
    chat_request,
    chat_response,
    embeddings_request,
    embeddings_response,
    request_content,
    response_content,
)
from ._tool_loop import ToolCall, ToolObserver
from ._version import VERSION
from .models import StreamingChatCompletionsUpdate
from .models._accumulator import CompletionAccumulator

_SCOPE = "azure.ai.inference"
_FIRST_ERROR = 400
"""The lowest HTTP status of an error."""


class TelemetryConvention:
    """Makes the recorders of today's conventions.

    :param records_content: False: no content is recorded. Otherwise the environment variable
     OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT decides, which is read here.
    :param providers: `tracer_provider`, `meter_provider` and `logger_provider`; None is the global one.
    :raises ModuleNotFoundError: The package opentelemetry-util-genai is not installed.
    """

    def __init__(self, *, records_content: bool | None, **providers: Any) -> None:
        try:
            import opentelemetry.util.genai.handler
        except ImportError as error:
            message = "The latest conventions need opentelemetry-util-genai: pip install azure-ai-inference[telemetry]"
            raise ModuleNotFoundError(message) from error
        self._handler = opentelemetry.util.genai.handler.TelemetryHandler(
            instrumentation_scope_name=_SCOPE, instrumentation_scope_version=VERSION, **providers
        )
        self.records_content = records_content is not False and self._handler.should_capture_content()

    def call_recorder(self, operation: str, endpoint: str, content: str | bytes | None) -> CallRecorder:
        """Return the recorder of a call of a client."""
        return TelemetryRecorder(self._handler, operation, endpoint, content, records_content=self.records_content)

    def tool_recorder(self, call: ToolCall) -> ToolObserver:
        """Return the recorder of a call of a tool."""
        return ToolTelemetryRecorder(self._handler, call, records_content=self.records_content)


class _Recorder:
    """Records one invocation. Without one, because it could not be started, nothing is recorded."""

    _invocation: Any = None

    def current(self) -> AbstractContextManager[Any]:
        """Return a context in which the span is current: spans within the call become its children."""
        if self._invocation is None:
            return nullcontext()
        context: AbstractContextManager[Any] = self._invocation.activate()
        return context

    def _start(self, invocation: Any) -> None:
        self._invocation = invocation
        invocation.suspend()  # it would be current until it ends, for everything that a caller does between two updates

    def _stop(self, error: BaseException | None, description: str | None = None) -> None:
        invocation, self._invocation = self._invocation, None
        if error is None:
            invocation.stop()
        else:
            from opentelemetry.util.genai.types import Error

            invocation.fail(Error(message=description, type=_error_type(error), exception=error))


class TelemetryRecorder(_Recorder):
    """Records one call of a client: request, response, and error if there is one.

    :param handler: The TelemetryHandler.
    :param operation: "chat" or "embeddings".
    :param endpoint: The URL of the endpoint.
    :param content: The request body.
    :param records_content: Whether messages are recorded.
    """

    def __init__(
        self, handler: Any, operation: str, endpoint: str, content: str | bytes | None, *, records_content: bool
    ) -> None:
        self._is_chat = operation == "chat"
        self._records_content = records_content and self._is_chat
        self._provider = provider_name(endpoint)
        self._accumulator = CompletionAccumulator()
        self._begin(handler, endpoint, content)

    @safely
    def update(self, update: StreamingChatCompletionsUpdate) -> None:
        """Record an update of a stream."""
        if self._invocation is not None:
            self._accumulator.add(update)
            if update.get("model"):
                self._invocation.response_model_name = update["model"]  # an attribute of the metrics of each chunk
            self._invocation.record_stream_chunk()

    @safely
    def fail(self, error: BaseException) -> None:
        """End the span with an error, after recording what was received before it."""
        self._finish(None, error)

    @safely
    def end(self, response: Mapping[str, Any] | None = None) -> None:
        """End the span with the response, by default the accumulated updates of a stream. Ending it twice is fine."""
        self._finish(response, None)

    @safely
    def _begin(self, handler: Any, endpoint: str, content: str | bytes | None) -> None:
        body, parts = parse_body(content), urlsplit(endpoint)
        make, fields_of = (
            (handler.inference, chat_request) if self._is_chat else (handler.embedding, embeddings_request)
        )
        fields = fields_of(body, self._provider)
        self._start(
            make(
                self._provider,
                request_model=body.get("model") or deployment_name(endpoint),
                server_address=parts.hostname,
                server_port=parts.port or PORTS.get(parts.scheme),
            )
        )
        self._set(fields)
        if self._records_content:
            said = request_content(body)
            self._invocation.system_instruction = _parts(said.system_instruction)
            self._invocation.input_messages = _messages("InputMessage", said.input_messages)
            self._invocation.tool_definitions = _definitions(said.tool_definitions)

    def _finish(self, response: Mapping[str, Any] | None, error: BaseException | None) -> None:
        if self._invocation is not None:
            try:
                self._record_response(self._accumulator.completion() if response is None else response)
            finally:
                self._stop(error, str(error))

    def _record_response(self, answer: Mapping[str, Any]) -> None:
        self._set(chat_response(answer, self._provider) if self._is_chat else embeddings_response(answer))
        if self._records_content:
            self._invocation.output_messages = _messages("OutputMessage", response_content(answer))

    def _set(self, fields: Fields) -> None:
        for name, value in fields.fields.items():
            setattr(self._invocation, name, value)
        self._invocation.attributes.update(fields.attributes)


class ToolTelemetryRecorder(_Recorder):
    """Records one call of a tool by `run_tools`.

    :param handler: The TelemetryHandler.
    :param call: The call.
    :param records_content: Whether arguments, result and the text of an error are recorded.
    """

    def __init__(self, handler: Any, call: ToolCall, *, records_content: bool) -> None:
        self._records_content = records_content
        self._begin(handler, call)

    @safely
    def end(self, result: str) -> None:
        """End the span with the result of the tool."""
        if self._invocation is not None:
            if self._records_content:
                self._invocation.tool_result = result
            self._stop(None)

    @safely
    def fail(self, error: BaseException) -> None:
        """End the span with an error."""
        if self._invocation is not None:
            self._stop(error, str(error) if self._records_content else None)

    @safely
    def _begin(self, handler: Any, call: ToolCall) -> None:
        self._start(handler.tool(call.name, tool_type="function"))
        self._invocation.tool_call_id = call.id
        self._invocation.tool_description = call.description
        if self._records_content:
            self._invocation.arguments = call.arguments


def _error_type(error: BaseException) -> str:
    """Return the value of `error.type`: the status of an answer, otherwise the class of the exception."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return str(status) if status and status >= _FIRST_ERROR else qualified_name(type(error))


def _parts(parts: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return parts as the objects that opentelemetry-util-genai has for them."""
    from opentelemetry.util.genai import types

    classes = {
        "text": types.TextPart,
        "reasoning": types.ReasoningPart,
        "tool_call": types.ToolCallRequestPart,
        "tool_call_response": types.ToolCallResponsePart,
        "uri": types.UriPart,
        "blob": types.BlobPart,
    }
    return [classes[part["type"]](**part) for part in parts]


def _messages(name: str, messages: Iterable[Mapping[str, Any]]) -> list[Any]:
    from opentelemetry.util.genai import types

    make = getattr(types, name)
    return [make(**{**message, "parts": _parts(message["parts"])}) for message in messages]


def _definitions(definitions: Iterable[Mapping[str, Any]]) -> list[Any] | None:
    from opentelemetry.util.genai.types import FunctionToolDefinition

    return [FunctionToolDefinition(**definition) for definition in definitions] or None
