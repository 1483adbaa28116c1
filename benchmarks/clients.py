"""The clients of the contenders. Functions import them, because no environment has all of their packages.

The floors are clients with two methods: `post` sends a body and returns the body of the response, and `pieces` yields
the pieces of the response as they arrive.
"""

import importlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

KEY = "key"
HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
BLOCK_SIZE = 65536
CHAT = "/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many feet are in a mile?"}], "model": "m"}
STREAM = {**QUESTION, "stream": True}
MOST_TOKENS = {"max_tokens": 100}
"""What the anthropic package requires in addition."""

Json = dict[str, Any]


def sdk(url: str, what: str) -> Any:
    """Make a client of this package, or of 1.0.0b9."""
    from azure.core.credentials import AzureKeyCredential

    package = importlib.import_module("azure.ai.inference.aio" if what.endswith("async") else "azure.ai.inference")
    name = "EmbeddingsClient" if what == "embeddings" else "ChatCompletionsClient"
    return getattr(package, name)(url, AzureKeyCredential(KEY))


def openai(url: str, what: str) -> Any:
    """Make a client of the openai package."""
    package = importlib.import_module("openai")
    return getattr(package, "AsyncOpenAI" if what.endswith("async") else "OpenAI")(base_url=url, api_key=KEY)


def anthropic(url: str, what: str) -> Any:
    """Make a client of the anthropic package. The server sends the same texts in the form of its API."""
    package = importlib.import_module("anthropic")
    base_url = url.replace("/completion-", "/message-").replace("/updates-", "/deltas-")
    return getattr(package, "AsyncAnthropic" if what.endswith("async") else "Anthropic")(base_url=base_url, api_key=KEY)


def mistral(url: str, what: str) -> Any:
    """Make a client of the mistralai package."""
    client = importlib.import_module("mistralai.client").Mistral(api_key=KEY, server_url=url)
    leave = client.__aexit__ if what.endswith("async") else client.__exit__
    client.close = lambda: leave(None, None, None)  # which the others have
    return client


class Pipeline:
    """The floor with azure-core: its pipeline, its transport, and the policies that every client needs."""

    def __init__(self, url: str, kind: str = "PipelineClient", prefix: str = "", **settings: Any) -> None:
        core = importlib.import_module("azure.core")
        policies = importlib.import_module("azure.core.pipeline.policies")
        names = ("HeadersPolicy", "UserAgentPolicy", f"{prefix}RedirectPolicy", f"{prefix}RetryPolicy")
        self._client = getattr(core, kind)(url, policies=[getattr(policies, name)() for name in names], **settings)
        self.close = self._client.close

    def send(self, body: Json, route: str = CHAT, *, stream: bool = False) -> Any:
        from azure.core.rest import HttpRequest

        request = HttpRequest("POST", self._client.format_url(route), content=json.dumps(body), headers=HEADERS)
        return self._client.send_request(request, stream=stream)

    def post(self, body: Json, route: str = CHAT) -> Any:
        return self.send(body, route).read()

    def pieces(self, body: Json) -> Any:
        return self.send(body, stream=True).iter_bytes()


class AsyncPipeline(Pipeline):
    """The async floor with azure-core."""

    def __init__(self, url: str, *, is_limited: bool) -> None:
        settings = {}
        if not is_limited:
            from aiohttp import ClientSession, TCPConnector

            session = ClientSession(connector=TCPConnector(limit=0), auto_decompress=False)
            transport = importlib.import_module("azure.core.pipeline.transport").AioHttpTransport
            settings = {"transport": transport(session=session)}
        super().__init__(url, "AsyncPipelineClient", "Async", **settings)

    async def post(self, body: Json, route: str = CHAT) -> Any:
        return await (await self.send(body, route)).read()

    async def pieces(self, body: Json) -> AsyncIterator[bytes]:
        response = await self.send(body, stream=True)
        async for piece in response.iter_bytes():
            yield piece
        await response.close()


class Connection:
    """The floor without azure-core: a connection of http.client."""

    def __init__(self, url: str) -> None:
        from http.client import HTTPConnection

        host, _, path = url.removeprefix("http://").partition("/")
        self._path = f"/{path}"
        self._connection = HTTPConnection(host)
        self.close = self._connection.close

    def send(self, body: Json, route: str = CHAT) -> Any:
        self._connection.request("POST", self._path + route, json.dumps(body), HEADERS)
        return self._connection.getresponse()

    def post(self, body: Json, route: str = CHAT) -> Any:
        return self.send(body, route).read()

    def pieces(self, body: Json) -> Iterator[bytes]:
        response = self.send(body)
        return iter(lambda: response.read1(BLOCK_SIZE), b"")


class Session:
    """The async floor without azure-core: a session of aiohttp without a limit on connections."""

    def __init__(self, url: str) -> None:
        from aiohttp import ClientSession, TCPConnector

        self._url = url + CHAT
        self._session = ClientSession(connector=TCPConnector(limit=0), headers=HEADERS)
        self.close = self._session.close

    async def post(self, body: Json) -> Any:
        async with self._session.post(self._url, data=json.dumps(body)) as response:
            return await response.read()

    async def pieces(self, body: Json) -> AsyncIterator[bytes]:
        async with self._session.post(self._url, data=json.dumps(body)) as response:
            async for piece in response.content.iter_any():
                yield piece


def floor(url: str, what: str) -> Any:
    """Make the floor with azure-core. For "many_async" it limits connections no more than this package does."""
    return AsyncPipeline(url, is_limited=what != "many_async") if what.endswith("async") else Pipeline(url)


def bare(url: str, what: str) -> Any:
    """Make the floor without azure-core."""
    return Session(url) if what.endswith("async") else Connection(url)


class Updates:
    """The minimal parser of a stream: it splits lines and calls json.loads for each event."""

    def __init__(self) -> None:
        self._incomplete_line: list[bytes] = []

    def feed(self, piece: bytes) -> list[Any]:
        """Return the events that a piece completes."""
        first, *lines = piece.split(b"\n")
        self._incomplete_line.append(first)
        if not lines:
            return []
        lines.insert(0, b"".join(self._incomplete_line))
        self._incomplete_line = [lines.pop()]
        return [json.loads(line[6:]) for line in lines if line.startswith(b"data: {")]
