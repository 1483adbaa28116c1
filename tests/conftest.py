"""Fixtures: the service, and the twin, which runs one async test body with the sync and the async clients."""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
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
pytest_plugins = ["azure.ai.inference_pytest"]  # also where the package was installed before it had a plugin

# The examples are the same in each run and have no deadline: results are reproducible, also on a busy machine.
# `HYPOTHESIS_PROFILE=random` generates other examples, from `--hypothesis-seed` if it is given.
settings.register_profile(
    "suite", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("random", settings.get_profile("suite"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-orjson", action="store_true", help="run the tests as if orjson were not installed")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--without-orjson"):
        cast("dict[str, object]", sys.modules)["orjson"] = None


@pytest.fixture(scope="module", autouse=True)
def frozen_objects() -> None:
    """Freeze what imports and earlier modules left: many tests call the garbage collector, which would traverse it.

    Late in a run, each of the thousands of calls of `test_faults` would take 0.3 s.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for library in ("azure-core", "aiohttp", "urllib3"):
        installed = tuple(map(int, importlib.metadata.version(library).split(".")[:2]))
        for item in items:
            for mark in item.iter_markers(library.replace("-", "_")):
                if installed < mark.args[0]:
                    item.add_marker(pytest.mark.skip(reason=mark.args[1]))


class AsyncAdapter:
    """Wraps a sync or async client or stream; all methods are awaited."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.raw, name)
        if not callable(attribute):
            return attribute

        async def call(*args: Any, **kwargs: Any) -> Any:
            result = attribute(*args, **kwargs)
            result = await result if inspect.isawaitable(result) else result
            return AsyncAdapter(result) if isinstance(result, (Iterator, AsyncIterator)) else result

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
    """The sync or the async clients, with the same interface.

    :param mode: "sync" or "async".
    """

    operations = ("complete", "embed", "embed_images")

    def __init__(self, mode: str, service: loopback.Service) -> None:
        self.mode = mode
        self.sdk = importlib.import_module("azure.ai.inference.aio" if mode == "async" else "azure.ai.inference")
        self.service = service
        self.clients: list[AsyncAdapter] = []

    def chat(self, *arguments: Any, **options: Any) -> AsyncAdapter:
        """Return a ChatCompletionsClient, closed when the test ends."""
        return self.keep(self._make(self.sdk.ChatCompletionsClient, *arguments, **options))

    def embeddings(self, *arguments: Any, **options: Any) -> AsyncAdapter:
        """Return an EmbeddingsClient, closed when the test ends."""
        return self.keep(self._make(self.sdk.EmbeddingsClient, *arguments, **options))

    def image_embeddings(self, *arguments: Any, **options: Any) -> AsyncAdapter:
        """Return an ImageEmbeddingsClient, closed when the test ends."""
        return self.keep(self._make(self.sdk.ImageEmbeddingsClient, *arguments, **options))

    async def call(self, operation: str, **options: Any) -> Any:
        """Make a minimal call of an operation with a new client."""
        in_call = {} if isinstance(options.get("credential", KEY), AzureKeyCredential) else {"enforce_https": False}
        if operation == "complete":
            return await self.chat(**options).complete(messages=[{"role": "user", "content": "hi"}], **in_call)
        client = self.embeddings(**options) if operation == "embed" else self.image_embeddings(**options)
        return await client.embed(input=[], **in_call)

    async def load_client(self, *arguments: Any, **options: Any) -> AsyncAdapter:
        """Call load_client; the client is closed when the test ends."""
        made = self._make(self.sdk.load_client, *arguments, **options)
        return self.keep(await made if inspect.isawaitable(made) else made)

    def _make(self, make: Any, endpoint: str | None = None, credential: Any = None, **options: Any) -> Any:
        options = {"retry_total": 0, **options}
        return make(endpoint or self.service.url, credential or KEY, **options)

    def keep(self, raw: Any) -> AsyncAdapter:
        """Wrap a client, and close it when the test ends."""
        self.clients.append(AsyncAdapter(raw))
        return self.clients[-1]


class GreedyModel(local_endpoint.Model):
    """The model with greedy decoding, unless the request has another temperature."""

    def complete(self, request: local_endpoint.Json) -> local_endpoint.Json:
        return super().complete({"temperature": 0, **request})

    def stream(self, request: local_endpoint.Json, send: Any) -> None:
        super().stream({"temperature": 0, **request}, send)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of the local endpoint, with its real model."""
    server = local_endpoint.Endpoint(0, KEY.key, GreedyModel(), verbose=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.url
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[loopback.Service]:
    """The service. All replies must be used.

    Requests must conform to the specification, unless the test is marked `off_spec`.
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
