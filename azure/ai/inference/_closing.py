"""Context managers that close themselves at the end of the block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from types import TracebackType

from typing_extensions import Self


class Closing(ABC):
    """Closes itself at the end of a ``with`` block."""

    @abstractmethod
    def close(self) -> None:
        """Release what is held. To close twice is allowed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()


class AsyncClosing(ABC):
    """Closes itself at the end of an ``async with`` block."""

    @abstractmethod
    async def aclose(self) -> None:
        """Release what is held. To close twice is allowed."""

    def close(self) -> Awaitable[None]:
        """Release what is held, whether the result is awaited or not."""
        import asyncio  # not at the top: a sync program does not need it

        return asyncio.ensure_future(self.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()
