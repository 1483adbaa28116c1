"""Rate limits that several clients, threads and event loops share."""

from __future__ import annotations

import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from ._http._rate_limit import estimate_tokens
from ._http._retry import RETRY_AFTER_MAX

if TYPE_CHECKING:
    import asyncio

__all__ = ["Clock", "RateLimiter", "estimate_tokens"]

_MINUTE = 60.0
_PACE = 0.99  # requests do not arrive as evenly as they are sent
_SLACK = 0.01  # with the pace, no window of a second or more has more than the limit
_SMALLEST_DELAY = 1e-6  # in seconds: shorter ones are errors of rounding
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Clock:
    """The time, and how to wait for it. A test gives another one to a limiter, whose time passes at once."""

    def time(self) -> float:
        """Return the time in seconds since any fixed moment."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait in a thread until the event is set, or the time is up.

        :param seconds: At most so long; infinity for no limit.
        """
        event.wait(None if math.isinf(seconds) else seconds)

    async def wait_async(self, event: asyncio.Event, seconds: float) -> None:
        """Wait in a task until the event is set, or the time is up.

        :param seconds: At most so long; infinity for no limit.
        """
        import asyncio

        timer = None if math.isinf(seconds) else asyncio.get_running_loop().call_later(seconds, event.set)
        try:
            await event.wait()
        finally:
            if timer is not None:
                timer.cancel()


class Stop:
    """Ends the waits of several threads at once, and all later ones. Large jobs use it."""

    def __init__(self) -> None:
        self.is_set = False
        self._events: set[threading.Event] = set()

    def set(self) -> None:
        """End the waits."""
        self.is_set = True
        for event in list(self._events):
            event.set()

    def add(self, event: threading.Event) -> None:
        """Let the one who waits for an event look again when the waits end."""
        self._events.add(event)

    def discard(self, event: threading.Event) -> None:
        """Forget an event."""
        self._events.discard(event)


stop_of_context: ContextVar[Stop] = ContextVar("stop_of_context")
"""What ends the waits of the current thread."""


class _Turn:
    """A request that waits for its turn.

    :param tokens: How many tokens it has.
    :param wake: Makes the one that waits look again. Raises RuntimeError if its event loop is closed.
    """

    def __init__(self, tokens: int, wake: Callable[[], object]) -> None:
        self.tokens = tokens
        self.wake = wake
        self.has_come = False


class _Limit:
    """One limit: so much per second, evenly, and no more than the service says is left.

    :param per_minute: The limit of the user; None if there is none.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._given = math.inf if per_minute is None else per_minute / _MINUTE
        self._stated = math.inf
        self._begin = -math.inf
        self._spent = 0.0
        self._left = math.inf
        self._left_until = -math.inf

    def delay(self, now: float, cost: float) -> float:
        """Return the seconds until so much may be sent."""
        held = self._left_until if cost > self._left else -math.inf
        return max(self._free_at(), held) - now

    def take(self, now: float, cost: float) -> None:
        """Count what is sent now."""
        self._begin, self._spent = max(self._free_at(), now - _SLACK), cost
        self._left = self._left - cost if now < self._left_until else math.inf

    def _free_at(self) -> float:
        return self._begin + self._spent / (_PACE * min(self._given, self._stated))

    def correct(self, now: float, facts: Mapping[str, float]) -> None:
        """Take over what the service says of the limit, what is left of it, and when it is whole again.

        :param facts: Some of `limit`, `remaining`, and `reset` and `renewalperiod` in seconds.
        """
        if facts.get("limit"):
            self._stated = facts["limit"] / (facts.get("renewalperiod") or _MINUTE)
        if "remaining" in facts and facts.get("reset", math.inf) <= RETRY_AFTER_MAX:
            self._left, self._left_until = facts["remaining"], now + facts["reset"]


class RateLimiter:
    """Makes requests wait so that a service does not refuse them with status 429.

    Give one to each client that shares the limits: `ChatCompletionsClient(…, rate_limiter=limiter)`. Every attempt of a
    call waits for its turn: first come, first served, evenly over the minute, whichever thread or event loop it comes
    from. The limiter corrects itself by the headers `x-ratelimit-*` and `Retry-After` of the answers, up to two
    minutes: if the service asks for more, its error is raised.

    A pickle has the same limits and starts afresh: two processes share no limiter. Its methods are what a client calls;
    an object with the same methods, for example one that asks a server for its turn, is as good.

    :param requests_per_minute: The most requests in a minute. Default: what the service states, if it does.
    :param tokens_per_minute: The most tokens in a minute: those of the body as `estimate_tokens` has it, and
     `max_tokens`. Default: what the service states, if it does.
    :param max_concurrency: The most requests at once. A stream counts until it starts. Default: no limit.
    :keyword clock: The time. Default: that of the system.
    :raises ValueError: A limit is not above 0.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        max_concurrency: int | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._arguments = (requests_per_minute, tokens_per_minute, max_concurrency)
        names = ("requests_per_minute", "tokens_per_minute", "max_concurrency")
        for name, value in zip(names, self._arguments, strict=True):
            if value is not None and not value > 0:
                raise ValueError(f"`{name}` must be above 0, not {value!r}.")
        self._clock = Clock() if clock is None else clock
        self._requests = _Limit(requests_per_minute)
        self._tokens = _Limit(tokens_per_minute)
        self._max_concurrency = math.inf if max_concurrency is None else max_concurrency
        self._in_flight = 0
        self._held_until = -math.inf
        self._turns: deque[_Turn] = deque()
        self._lock = threading.RLock()  # an abandoned coroutine may be finalized while its thread holds the lock

    def __repr__(self) -> str:
        given = zip(("requests_per_minute", "tokens_per_minute", "max_concurrency"), self._arguments, strict=True)
        return f"RateLimiter({', '.join(f'{name}={value}' for name, value in given if value is not None)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), clock=self._clock), self._arguments

    def acquire(self, tokens: int = 0, *, timeout: float | None = None) -> None:
        """Wait in this thread until a request may be sent. Call `release` when it has been answered.

        :param tokens: How many tokens the request has.
        :keyword timeout: The most seconds to wait. Default: no limit.
        :raises TimeoutError: The turn of the request has not come in time.
        """
        event = threading.Event()
        stop = stop_of_context.get(None) or Stop()
        stop.add(event)
        turn = self._enter(tokens, event.set)
        end = math.inf if timeout is None else self._clock.time() + timeout
        try:
            while (seconds := self._delay(turn)) > 0:
                left = end - self._clock.time()
                if stop.is_set:
                    raise InterruptedError("The job was stopped while a request waited for its turn.")
                if left <= 0:
                    raise TimeoutError(f"The rate limiter did not let the request through within {timeout} seconds.")
                self._clock.wait(event, min(seconds, left))
                event.clear()
        except BaseException:
            self._leave(turn)
            raise
        finally:
            stop.discard(event)

    async def acquire_async(self, tokens: int = 0) -> None:
        """Wait in this task until a request may be sent. Call `release` when it has been answered.

        :param tokens: How many tokens the request has.
        """
        import asyncio

        event = asyncio.Event()
        turn = self._enter(tokens, partial(asyncio.get_running_loop().call_soon_threadsafe, event.set))
        try:
            while (seconds := self._delay(turn)) > 0:
                await self._clock.wait_async(event, seconds)
                event.clear()
        except BaseException:
            self._leave(turn)
            raise

    def release(self) -> None:
        """Count a request as answered, or as failed."""
        with self._lock:
            self._in_flight -= 1
        self._wake_first()

    def adjust(self, headers: Mapping[str, str], *, retry_after: float | None = None) -> None:
        """Correct the limits by an answer.

        :param headers: Its headers `x-ratelimit-*`, in lower case; others are ignored.
        :keyword retry_after: Seconds for which the service wants no request at all.
        """
        with self._lock:
            now = self._clock.time()
            self._requests.correct(now, _facts(headers, "requests"))
            self._tokens.correct(now, _facts(headers, "tokens"))
            if retry_after is not None and retry_after <= RETRY_AFTER_MAX:
                self._held_until = max(self._held_until, now + retry_after)

    def _enter(self, tokens: int, wake: Callable[[], object]) -> _Turn:
        turn = _Turn(tokens, wake)
        with self._lock:
            self._turns.append(turn)
        return turn

    def _delay(self, turn: _Turn) -> float:
        """Return the seconds after which to look again; 0 if the request may be sent, which is counted then.

        Infinity: until it is woken up.
        """
        with self._lock:
            if self._turns[0] is not turn or self._in_flight >= self._max_concurrency:
                return math.inf
            now = self._clock.time()
            limits = (self._requests, 1), (self._tokens, turn.tokens)
            delay = max(self._held_until - now, *(limit.delay(now, cost) for limit, cost in limits))
            if delay > _SMALLEST_DELAY:
                return delay
            for limit, cost in limits:
                limit.take(now, cost)
            self._turns.popleft()
            self._in_flight += 1
            turn.has_come = True
        self._wake_first()
        return 0.0

    def _leave(self, turn: _Turn) -> None:
        """Give up a turn, even one that has come."""
        with self._lock:
            if turn.has_come:
                self._in_flight -= 1
        self._drop(turn)
        self._wake_first()

    def _wake_first(self) -> None:
        """Let the first one look again; drop those whose event loop is closed."""
        while (turn := self._first()) is not None:
            try:
                turn.wake()
            except RuntimeError:
                self._drop(turn)
            else:
                return

    def _first(self) -> _Turn | None:
        with self._lock:
            return self._turns[0] if self._turns else None

    def _drop(self, turn: _Turn) -> None:
        with self._lock, suppress(ValueError):  # somebody else dropped it
            self._turns.remove(turn)


def _facts(headers: Mapping[str, str], what: str) -> dict[str, float]:
    """Read the headers that say how many requests or tokens there are."""
    found = {}
    for name in ("limit", "remaining", "reset", "renewalperiod"):
        parts = _DURATION.findall(headers.get(f"x-ratelimit-{name}-{what}", ""))
        if parts:
            found[name] = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return found
