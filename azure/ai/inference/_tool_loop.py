"""The plan of `run_tools`: what to send next, and which tools to call. Without I/O.

A round is a completion and the calls of tools that it requests. The loop is over when a completion requests none. Two
runners, sync and async, do what the plan says: send `next_request()`, give the completion to `take`, run each of the
`calls` within its `answering()`, and begin again.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar, Protocol

from ._body import given_items
from ._structured import to_json
from ._tools import InvalidToolCallError, Tool
from .models import (
    AssistantMessage,
    ChatCompletions,
    ChatCompletionsToolCall,
    CompletionsUsage,
    ToolMessage,
    ToolRoundsExceededError,
    ToolRun,
)
from .models._tool_run import Progress

_logger = logging.getLogger(__name__)


class ToolObserver(Protocol):
    """Is told what becomes of the call of a tool. None of its methods raises."""

    @abstractmethod
    def current(self) -> AbstractContextManager[Any]:
        """Return the context in which the tool runs."""

    def end(self, result: str) -> None:
        """Take note of the result."""

    def fail(self, error: BaseException) -> None:
        """Take note of an exception."""


class ToolCall:
    """One call of a tool that a model requests.

    :param request: What the model sent.
    :param tools: The tools by name.
    :param raises: Whether exceptions of the tool are raised, instead of being the answer.
    """

    observer: ClassVar[Callable[[ToolCall], ToolObserver] | None] = None
    """What makes the observer of a call: tracing sets it."""

    def __init__(self, request: ChatCompletionsToolCall, tools: Mapping[str, Tool], *, raises: bool) -> None:
        function = request.get("function") or {}
        self.id: str | None = request.get("id")
        self.name = str(function.get("name"))
        self.arguments = str(function.get("arguments") or "")
        self._tool = tools.get(self.name)
        self.is_async = self._tool is None or self._tool.is_async
        """Whether `run` does not block."""
        self.answer = ""
        """What the model is told."""
        self._raises = raises

    @property
    def description(self) -> str | None:
        """What the tool does; None if it has no description, or if there is no such tool."""
        return None if self._tool is None else self._tool.definition.get("description")

    def run(self) -> Any:
        """Call the function, and return what it returns: a coroutine if it is async.

        :raises InvalidToolCallError: There is no such tool, or the arguments do not fit it.
        """
        if self._tool is None:
            raise InvalidToolCallError(f"there is no tool {self.name!r}")
        return self._tool(self.arguments)

    @contextmanager
    def answering(self) -> Generator[None, None, None]:
        """Run the call in this context, and set its result: an exception becomes the answer, or is raised."""
        make = type(self).observer
        observer = None if make is None else make(self)
        with nullcontext() if observer is None else observer.current():
            try:
                yield
            except BaseException as error:
                if observer is not None:
                    observer.fail(error)
                if not isinstance(error, Exception) or (self._raises and not isinstance(error, InvalidToolCallError)):
                    raise
                _logger.debug("The call of the tool %s failed.", self.name, exc_info=True)
                name = "" if isinstance(error, InvalidToolCallError) else f"{type(error).__name__}: "
                self.answer = f"Error: {name}{error}"
            else:
                if observer is not None:
                    observer.end(self.answer)

    def take(self, result: Any) -> None:
        """Take the result of the function: text as it is, everything else as JSON."""
        self.answer = result if isinstance(result, str) else to_json(result)


class ToolLoop:
    """The state of a loop.

    :param messages: The conversation so far.
    :param tools: Functions, or definitions that `from_function` made.
    :param keywords: Further keywords of `complete`.
    :param max_rounds: The maximum number of completions.
    :param max_concurrency: The maximum number of tools that run at the same time.
    :param on_error: "return" or "raise": what becomes of an exception of a tool.
    :raises TypeError: A tool has no function, or cannot be described.
    :raises ValueError: Another argument is invalid, or two tools have the same name.
    """

    def __init__(
        self,
        messages: Iterable[Any],
        tools: Iterable[Any],
        keywords: Mapping[str, Any],
        *,
        max_rounds: int,
        max_concurrency: int,
        on_error: str,
    ) -> None:
        for name, value in (("max_rounds", max_rounds), ("max_concurrency", max_concurrency)):
            if value < 1:
                raise ValueError(f"`{name}` must be 1 or more, not {value!r}.")
        if on_error not in ("return", "raise"):
            raise ValueError(f"`on_error` must be 'return' or 'raise', not {on_error!r}.")
        self.progress = Progress(list(given_items({"messages": messages})["messages"]))
        self.calls: list[ToolCall] = []
        """The calls of the current round."""
        self.max_concurrency = max_concurrency
        self._tools: dict[str, Tool] = {}
        for item in tools:
            tool = _tool(item)
            if self._tools.setdefault(tool.name, tool) is not tool:
                raise ValueError(f"`tools` has two tools with the name {tool.name!r}.")
        definitions = [{"type": "function", "function": tool.definition} for tool in self._tools.values()]
        self._keywords = {**keywords, "tools": definitions}
        self._max_rounds = max_rounds
        self._raises = on_error == "raise"

    def next_request(self) -> dict[str, Any] | None:
        """Return the keywords of the next call of `complete`, after the calls have run; None if the loop is over.

        :raises ToolRoundsExceededError: The loop is not over, and this would be one round too many.
        """
        progress = self.progress
        if progress.rounds and not self.calls:
            return None
        progress.messages.extend(ToolMessage(call.answer, tool_call_id=call.id or "") for call in self.calls)
        if progress.rounds == self._max_rounds:
            message = f"The model still calls tools after {progress.rounds} rounds, the maximum (`max_rounds`)."
            raise ToolRoundsExceededError(message, ToolRun(progress))
        if progress.rounds and self._keywords.get("tool_choice") not in (None, "none"):
            self._keywords["tool_choice"] = "auto"  # a choice that forces a call would force one in each round
        return {**self._keywords, "messages": progress.messages}

    def take(self, completion: ChatCompletions) -> None:
        """Take the completion of a round."""
        progress = self.progress
        progress.rounds += 1
        progress.completion = completion
        if completion.get("usage"):
            progress.usage = CompletionsUsage(_sum(progress.usage or {}, completion["usage"]))
        message = completion["choices"][0]["message"] if completion.get("choices") else {}
        requests = message.get("tool_calls") or []
        kept = {key: message[key] for key in ("content", "tool_calls", "refusal") if message.get(key)}
        progress.messages.append(AssistantMessage({"role": "assistant", **kept}))
        self.calls = [ToolCall(request, self._tools, raises=self._raises) for request in requests]


def _tool(item: Any) -> Tool:
    """Return the tool that an item of `tools` is."""
    if not isinstance(item, Mapping):
        return Tool(item)
    tool = getattr(item, "__dict__", {}).get("_tool")
    if not isinstance(tool, Tool):
        raise TypeError(
            "`run_tools` calls functions: give the function, or a definition that "
            f"ChatCompletionsToolDefinition.from_function made, not {item!r}."
        )
    return tool


def _sum(total: Mapping[str, Any], usage: Mapping[str, Any]) -> dict[str, Any]:
    """Add the numbers in nested mappings."""
    added = dict(total)
    for key, value in usage.items():
        if isinstance(value, Mapping):
            added[key] = _sum(added.get(key) or {}, value)
        elif isinstance(value, (int, float)):
            added[key] = (added.get(key) or 0) + value
    return added
