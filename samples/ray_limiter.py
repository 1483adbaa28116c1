"""One rate limiter for all workers of a Ray cluster: an actor holds it, and each worker asks the actor for its turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ray
from azure.ai.inference.limits import RateLimiter


class LimiterActor:
    """Holds the limiter. Its methods are async: an actor runs many of them at once."""

    def __init__(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self._limiter = RateLimiter(requests_per_minute, tokens_per_minute)

    async def acquire(self, tokens: int) -> None:
        """Wait until a request may be sent. It makes no use of `max_concurrency`: a lost worker would keep its place."""
        await self._limiter.acquire_async(tokens)
        self._limiter.release()

    async def adjust(self, headers: Mapping[str, str], retry_after: float | None) -> None:
        """Correct the limits by an answer."""
        self._limiter.adjust(headers, retry_after=retry_after)


class SharedLimiter:
    """Give it to a client as `rate_limiter`: it has the methods of RateLimiter that a sync client calls.

    :param name: The name of the actor, which is made if there is none.
    :param requests_per_minute: The most requests of all workers in a minute.
    :param tokens_per_minute: The most tokens of all workers in a minute.
    """

    def __init__(
        self, name: str, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        options = {"name": name, "get_if_exists": True, "num_cpus": 0, "max_concurrency": 1000}
        make: Any = ray.remote(LimiterActor)
        self._actor: Any = make.options(**options).remote(requests_per_minute, tokens_per_minute)

    def acquire(self, tokens: int = 0, *, timeout: float | None = None) -> None:
        """Wait until a request may be sent."""
        ray.get(self._actor.acquire.remote(tokens), timeout=timeout)

    def release(self) -> None:
        """Do nothing: the actor does not count the requests in flight."""

    def adjust(self, headers: Mapping[str, str], *, retry_after: float | None = None) -> None:
        """Tell the actor what an answer says of the limits."""
        self._actor.adjust.remote(headers, retry_after)
