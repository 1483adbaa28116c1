"""Fixtures: the service, and the twin that lets one async test body drive the clients of both worlds."""

from __future__ import annotations

import gc
import importlib
import inspect
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import local_endpoint
import loopback
import pytest
from azure.core.credentials import AzureKeyCredential
from hypothesis import HealthCheck, settings
from typing_extensions import Self

KEY = AzureKeyCredential("key-1")

# The suite tries the same examples each time and does not ask how fast it is: a verdict that cannot be had again, or on
# an idle machine only, is none. `HYPOTHESIS_PROFILE=random` tries others, from `--hypothesis-seed` where that is given.
settings.register_profile(
    "suite", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("random", settings.get_profile("suite"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-orjson", action="store_true", help="test the package as if orjson was not installed")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--without-orjson"):
        cast("dict[str, object]", sys.modules)["orjson"] = None


def pytest_collection_finish() -> None:
    """Keep what is there for good out of the collector's sight: many tests call it, and would look through it all."""
    gc.collect()
    gc.freeze()


class Twinned:
    """A client or a stream of either world, whose methods are all awaited."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.raw, name)
        if not callable(attribute):
            return attribute

        async def call(*args: Any, **kwargs: Any) -> Any:
            result = attribute(*args, **kwargs)
            result = await result if inspect.isawaitable(result) else result
            return Twinned(result) if isinstance(result, (Iterator, AsyncIterator)) else result

        return call

    async def __anext__(self) -> Any:
        if hasattr(self.raw, "__anext__"):
            return await anext(self.raw)
        try:
            return next(self.raw)
        except StopIteration:
            raise StopAsyncIteration from None

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        entered = await self.raw.__aenter__() if hasattr(self.raw, "__aenter__") else self.raw.__enter__()
        return type(self)(entered)

    async def __aexit__(self, *details: object) -> None:
        if hasattr(self.raw, "__aexit__"):
            await self.raw.__aexit__(*details)
        else:
            self.raw.__exit__(*details)


class Twin:
    """One of the two worlds."""

    operations = ("complete", "embed", "embed_images")

    def __init__(self, world: str, service: loopback.Service) -> None:
        self.world = world
        self.sdk = importlib.import_module("azure.ai.inference.aio" if world == "async" else "azure.ai.inference")
        self.service = service
        self.clients: list[Twinned] = []

    def chat(self, *arguments: Any, **settings: Any) -> Twinned:
        """A client of a model that answers conversations, closed when the test ends."""
        return self.keep(self._make(self.sdk.ChatCompletionsClient, *arguments, **settings))

    def embeddings(self, *arguments: Any, **settings: Any) -> Twinned:
        """A client of a model that embeds texts, closed when the test ends."""
        return self.keep(self._make(self.sdk.EmbeddingsClient, *arguments, **settings))

    def image_embeddings(self, *arguments: Any, **settings: Any) -> Twinned:
        """A client of a model that embeds images, closed when the test ends."""
        return self.keep(self._make(self.sdk.ImageEmbeddingsClient, *arguments, **settings))

    async def call(self, operation: str, **settings: Any) -> Any:
        """Make the plainest call of an operation, with a client of its own."""
        in_call = {} if isinstance(settings.get("credential", KEY), AzureKeyCredential) else {"enforce_https": False}
        if operation == "complete":
            return await self.chat(**settings).complete(messages=[{"role": "user", "content": "hi"}], **in_call)
        client = self.embeddings(**settings) if operation == "embed" else self.image_embeddings(**settings)
        return await client.embed(input=[], **in_call)

    async def load_client(self, *arguments: Any, **settings: Any) -> Twinned:
        """The client for the model of the endpoint, closed when the test ends."""
        made = self._make(self.sdk.load_client, *arguments, **settings)
        return self.keep(await made if inspect.isawaitable(made) else made)

    def _make(self, make: Any, endpoint: str | None = None, credential: Any = None, **settings: Any) -> Any:
        settings = {"retry_total": 0, **settings}
        return make(endpoint or self.service.url, credential or KEY, **settings)

    def keep(self, raw: Any) -> Twinned:
        """A client that a test made, closed when the test ends."""
        self.clients.append(Twinned(raw))
        return self.clients[-1]


class GreedyModel(local_endpoint.Model):
    """The model, which says the same each time, unless a request wants it otherwise."""

    def answer(self, request: local_endpoint.Json) -> local_endpoint.Json:
        return super().answer({"temperature": 0, **request})

    def stream(self, request: local_endpoint.Json, send: Any) -> None:
        super().stream({"temperature": 0, **request}, send)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of the local endpoint, with its real model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_endpoint, "Model", GreedyModel)
        server = local_endpoint.Endpoint(0, KEY.key, verbose=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.url
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[loopback.Service]:
    """The service, whose replies have to be used up.

    The specification has to allow what a test asks of it, or the test is marked `off_spec`.
    """
    service = loopback.serve()
    yield service
    unused = service.unused_replies()
    service.shutdown()
    service.server_close()
    assert not unused
    violations = [violation for received in service.requests for violation in received.violations()]
    assert bool(violations) == bool(request.node.get_closest_marker("off_spec")), violations


@pytest.fixture(params=["sync", "async"])
async def twin(request: pytest.FixtureRequest, service: loopback.Service) -> AsyncIterator[Twin]:
    twin = Twin(request.param, service)
    yield twin
    for client in twin.clients:
        await client.close()
