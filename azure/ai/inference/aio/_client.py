"""Clients on top of the async pipeline of azure-core: made, used, closed."""

from __future__ import annotations

from collections.abc import Awaitable
from copy import deepcopy
from types import TracebackType
from typing import Any

from azure.core import AsyncPipelineClient
from azure.core.rest import AsyncHttpResponse, HttpRequest
from typing_extensions import Self

from ._configuration import Configuration
from ._operations import ChatCompletionsClientOperationsMixin
from ._operations._operations import Operations


class Client(Operations):
    """The wiring that every client shares."""

    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        self._config = Configuration(endpoint, credential, **kwargs)
        if kwargs.get("policies") is None:
            kwargs["policies"] = self._config.policies(**kwargs)
        try:
            self._client = AsyncPipelineClient[HttpRequest, AsyncHttpResponse](
                self._config.url, config=self._config, **kwargs
            )
        except ImportError as error:
            raise ImportError("The async clients need aiohttp: pip install azure-ai-inference[aio]") from error

    def send_request(
        self, request: HttpRequest, *, stream: bool = False, **kwargs: Any
    ) -> Awaitable[AsyncHttpResponse]:
        ours = deepcopy(request)  # policies add headers to it
        ours.url = self._client.format_url(request.url)
        return self._client.send_request(ours, stream=stream, **kwargs)

    async def close(self) -> None:
        await self._client.close()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(exc_type, exc_value, traceback)


class ChatCompletionsClient(Client, ChatCompletionsClientOperationsMixin):
    """The client of a chat model, without the signatures."""
