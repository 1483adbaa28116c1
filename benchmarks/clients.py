"""How each contender's client is made. They are imported here, when needed: one environment does not hold them all.

A floor posts a body and returns the answer, or yields the pieces of the answer as they come.
"""

import importlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

KEY = "key"
HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
BLOCK = 65536
CHAT = "/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many feet are in a mile?"}], "model": "m"}
STREAM = {**QUESTION, "stream": True}

Json = dict[str, Any]


def sdk(url: str, what: str) -> Any:
    """Make a client of this package, or of 1.0.0b9."""
    from azure.core.credentials import AzureKeyCredential

    package = importlib.import_module("azure.ai.inference.aio" if what.endswith("async") else "azure.ai.inference")
    name = "EmbeddingsClient" if what == "embeddings" else "ChatCompletionsClient"
    return getattr(package, name)(url, AzureKeyCredential(KEY))


def openai(url: str, what: str) -> Any:
    """Make a client of openai."""
    package = importlib.import_module("openai")
    return getattr(package, "AsyncOpenAI" if what.endswith("async") else "OpenAI")(base_url=url, api_key=KEY)


class Pipeline:
    """The pipeline of azure-core with its own transport, and with the policies that no client can do without."""

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
    """The same, awaited."""

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
    """A connection of http.client."""

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
        return iter(lambda: response.read1(BLOCK), b"")


class Session:
    """A session of aiohttp, without a limit of connections."""

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
    """Make a client of azure-core. For "many_async", it has as many connections as there are streams, as ours has."""
    return AsyncPipeline(url, is_limited=what != "many_async") if what.endswith("async") else Pipeline(url)


def bare(url: str, what: str) -> Any:
    """Make a client without azure-core."""
    return Session(url) if what.endswith("async") else Connection(url)


class Updates:
    """The events of a stream, by hand: split lines, json.loads each."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, piece: bytes) -> list[Any]:
        """Return what has come with a piece."""
        first, *lines = piece.split(b"\n")
        self._rest.append(first)
        if not lines:
            return []
        lines.insert(0, b"".join(self._rest))
        self._rest = [lines.pop()]
        return [json.loads(line[6:]) for line in lines if line.startswith(b"data: {")]
