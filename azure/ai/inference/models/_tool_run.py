"""What `run_tools` returns: the conversation with the results of the tools."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError

from .._closing import AsyncClosing, Closing
from ._models import ChatCompletions, ChatRequestMessage, CompletionsUsage, StreamingChatCompletionsUpdate


@dataclass
class Progress:
    """What a loop has done so far."""

    messages: list[ChatRequestMessage | Mapping[str, Any]]
    completion: ChatCompletions | None = None
    usage: CompletionsUsage | None = None
    rounds: int = 0


class ToolRun:
    """A conversation in which the model called tools, from the messages of the caller to the answer of the model."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def completion(self) -> ChatCompletions:
        """The last completion: the answer of the model.

        :raises ValueError: There is none yet: the run is a stream whose first round has not ended.
        """
        if self._progress.completion is None:
            raise ValueError("There is no completion yet: iterate over the run first.")
        return self._progress.completion

    @property
    def messages(self) -> list[ChatRequestMessage | Mapping[str, Any]]:
        """The messages of the caller, those of the model, its answer included, and the results of the tools.

        With a message of the user appended, they can be sent again to continue the conversation.
        """
        return self._progress.messages

    @property
    def usage(self) -> CompletionsUsage | None:
        """The sum of the token usage of all rounds. None if the service sends no usage."""
        return self._progress.usage

    @property
    def rounds(self) -> int:
        """The number of completions."""
        return self._progress.rounds

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rounds={self.rounds}, completion={self._progress.completion!r})"


class StreamingToolRun(ToolRun, Closing, Iterator[StreamingChatCompletionsUpdate]):
    """A ToolRun while it happens: iterate over it to get the updates of all completions as they arrive.

    The tools are called between the last update of one completion and the first of the next, within `next`. The
    attributes hold what has happened so far. Iterating raises what `run_tools` raises without `stream`.
    """

    def __init__(self, progress: Progress, updates: Generator[StreamingChatCompletionsUpdate, None, None]) -> None:
        super().__init__(progress)
        self._updates = updates

    def __next__(self) -> StreamingChatCompletionsUpdate:
        return next(self._updates)

    def close(self) -> None:
        """End the run, and release its connection. No update comes after that."""
        self._updates.close()


class AsyncStreamingToolRun(ToolRun, AsyncClosing, AsyncIterator[StreamingChatCompletionsUpdate]):
    """A ToolRun while it happens: iterate over it with ``async for`` to get the updates of all completions.

    The tools are called between the last update of one completion and the first of the next. The attributes hold what
    has happened so far. Iterating raises what `run_tools` raises without `stream`.
    """

    def __init__(self, progress: Progress, updates: AsyncGenerator[StreamingChatCompletionsUpdate, None]) -> None:
        super().__init__(progress)
        self._updates = updates

    async def __anext__(self) -> StreamingChatCompletionsUpdate:
        return await anext(self._updates)

    async def aclose(self) -> None:
        """End the run, and release its connection. No update comes after that."""
        await self._updates.aclose()


class ToolRoundsExceededError(AzureError):
    """The model went on calling tools after the maximum number of rounds.

    :param message: What happened.
    :param run: The run so far, with the results of all tools: its messages can be given to `run_tools` again.
    """

    def __init__(self, message: str, run: ToolRun) -> None:
        super().__init__(message)
        self.run = run
        """The run so far, with the results of all tools: its messages can be given to `run_tools` again."""
