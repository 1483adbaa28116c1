"""RateLimiter: the pace, fairness, cancelling, and what it learns from answers."""

import asyncio
import gc
import pickle
import threading
from bisect import bisect_left

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.limits import Clock, RateLimiter, estimate_tokens
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ServiceRequestTimeoutError, ServiceResponseTimeoutError
from clocks import SimulatedClock
from hypothesis import given
from hypothesis import strategies as st
from loopback import COMPLETION, TIMEOUT, Gate, Reply, json_reply
from transports import AsyncRecording, Recording

MESSAGES = [{"role": "user", "content": "hi"}]


@pytest.fixture
def clock():
    return SimulatedClock()


def send_times(limiter, clock, costs):
    """When requests with so many tokens may be sent, one after the other."""
    times = []
    for cost in costs:
        limiter.acquire(cost)
        limiter.release()
        times.append(clock.time())
    return times


def most_within(times, seconds):
    return max(index + 1 - bisect_left(times, time - seconds + 1e-3) for index, time in enumerate(times))


@pytest.mark.parametrize(("per_minute", "seconds", "most"), [(600, 60, 600), (600, 1, 10), (60, 60, 60)])
def test_no_window_has_more_requests_than_the_limit(clock, per_minute, seconds, most):
    times = send_times(RateLimiter(per_minute, clock=clock), clock, [1] * 1500)
    assert most_within(times, seconds) <= most
    assert times[-1] - times[0] <= 1500 / per_minute * 60 * 1.02


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=200))
def test_no_minute_has_more_tokens_than_the_limit(costs):
    clock = SimulatedClock()
    times = send_times(RateLimiter(tokens_per_minute=60_000, clock=clock), clock, costs)
    for first, time in enumerate(times):
        sent = sum(cost for other, cost in zip(times[first:], costs[first:], strict=True) if other < time + 59)
        assert sent <= 60_000 + max(costs)


def test_a_pause_is_not_made_up_for(clock):
    limiter = RateLimiter(60, clock=clock)
    send_times(limiter, clock, [1])
    clock.now += 100
    first, second = send_times(limiter, clock, [1, 1])
    assert second - first == pytest.approx(1, abs=0.05)


def test_without_limits_nothing_waits(clock):
    assert set(send_times(RateLimiter(clock=clock), clock, [10**9] * 100)) == {clock.now}


@pytest.mark.parametrize("arguments", [{"requests_per_minute": 0}, {"tokens_per_minute": -1}, {"max_concurrency": 0}])
def test_limits_must_be_above_zero(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be above 0"):
        RateLimiter(**arguments)


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 1), ("abcdefgh", 2), ("abcde", 2), ("日本", 2), ("abcdé", 2), ("abcd\\u00e9", 2)]
)
def test_estimate_of_tokens(text, tokens):
    assert estimate_tokens(text) == tokens


class Answers:
    """What the answers of a service say, in the headers of both limits."""

    def __init__(self, **facts):
        self.headers = {
            f"x-ratelimit-{name}-{what}": str(value) for name, value in facts.items() for what in ("requests", "tokens")
        }


@pytest.mark.parametrize(
    ("facts", "interval"),
    [
        ({"limit": 60}, 1),
        ({"limit": 10, "renewalperiod": 5}, 0.5),
        ({"limit": 100_000}, 0.1),
        ({"limit": "none"}, 0.1),
        ({"remaining": 0, "reset": 30}, 30),
        ({"remaining": 0, "reset": "1m1.5s"}, 61.5),
        ({"remaining": 0, "reset": "250ms"}, 0.25),
        ({"remaining": 0, "reset": "2h"}, 0.1),
        ({"remaining": 0}, 0.1),
        ({"remaining": 1, "reset": 30}, 0.1),
        ({}, 0.1),
    ],
)
def test_answers_slow_it_down(clock, facts, interval):
    limiter = RateLimiter(600, clock=clock)
    limiter.adjust(Answers(**facts).headers)
    first, second = send_times(limiter, clock, [1, 1])
    waited = first - 1000 if "remaining" in facts else second - first
    assert waited == pytest.approx(interval, rel=0.02, abs=0.11 if interval == 0.1 else 0.02)


def test_what_is_left_counts_down(clock):
    limiter = RateLimiter(clock=clock)
    limiter.adjust({"x-ratelimit-remaining-tokens": "100", "x-ratelimit-reset-tokens": "20"})
    assert send_times(limiter, clock, [60, 40, 1, 10**6]) == [1000, 1000, 1020, 1020]


def test_a_stated_limit_that_rises_again_is_followed(clock):
    limiter = RateLimiter(clock=clock)
    for limit, interval in (("60", 1), ("600", 0.1)):
        limiter.adjust({"x-ratelimit-limit-requests": limit})
        _, first, second = send_times(limiter, clock, [1, 1, 1])
        assert second - first == pytest.approx(interval, rel=0.02)


@pytest.mark.parametrize(("asked", "waited"), [(30, 30), (None, 0), (3600, 0)])
def test_retry_after_holds_all(clock, asked, waited):
    limiter = RateLimiter(clock=clock)
    limiter.adjust({}, retry_after=asked)
    assert send_times(limiter, clock, [1]) == [1000 + waited]


async def enter(limiter, order, name):
    await limiter.acquire_async()
    order.append(name)


async def settle():
    """Let all tasks run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def have_entered(limiter, count):
    """Wait until so many wait for their turn."""
    for _ in iter(lambda: len(limiter._turns), count):
        await asyncio.sleep(0)


async def test_first_come_first_served_in_threads_and_event_loops():
    limiter, order = RateLimiter(max_concurrency=1), []
    await limiter.acquire_async()

    def in_thread(name):
        limiter.acquire()
        order.append(name)

    def in_loop(name):
        asyncio.run(enter(limiter, order, name))

    waiting = []
    for number in range(6):
        waiting.append(asyncio.ensure_future(asyncio.to_thread([in_thread, in_loop][number % 2], number)))
        await have_entered(limiter, number + 1)
    for number in range(6):
        limiter.release()
        await asyncio.wait_for(waiting[number], TIMEOUT)
    assert order == list(range(6))


async def test_a_cancelled_task_leaves_the_queue_to_the_next():
    limiter, order = RateLimiter(max_concurrency=1), []
    await limiter.acquire_async()
    tasks = [asyncio.ensure_future(enter(limiter, order, number)) for number in range(3)]
    await settle()
    tasks[0].cancel()
    tasks[1].cancel()
    await settle()
    limiter.release()
    await asyncio.wait_for(tasks[2], TIMEOUT)
    assert order == [2]


async def test_a_task_that_is_cancelled_when_its_turn_has_come_gives_it_back(clock):
    limiter = RateLimiter(max_concurrency=1)

    class Interrupted(Clock):
        async def wait_async(self, event, seconds):
            await super().wait_async(event, seconds)
            limiter._delay(limiter._turns[0])  # its turn comes just before it is cancelled
            raise asyncio.CancelledError

    await limiter.acquire_async()
    limiter._clock = Interrupted()
    task = asyncio.ensure_future(limiter.acquire_async())
    await settle()
    limiter.release()
    with pytest.raises(asyncio.CancelledError):
        await task
    limiter._clock = clock
    await limiter.acquire_async()


async def test_closed_event_loops_hold_nobody_up():
    limiter, order = RateLimiter(max_concurrency=1), []
    await limiter.acquire_async()
    abandoned = []
    for _ in range(2):
        loop = asyncio.new_event_loop()
        coroutine = limiter.acquire_async()
        loop.call_soon(coroutine.send, None)
        loop.call_soon(loop.stop)
        await asyncio.to_thread(loop.run_forever)
        loop.close()
        abandoned.append(coroutine)
    task = asyncio.ensure_future(enter(limiter, order, "next"))
    await settle()
    limiter.release()
    await asyncio.wait_for(task, TIMEOUT)
    for coroutine in abandoned:
        coroutine.close()
    limiter.release()
    assert limiter._in_flight == 0


async def test_an_abandoned_task_leaves_the_queue():
    limiter = RateLimiter(max_concurrency=1)
    limiter.acquire()
    coroutine = limiter.acquire_async()
    coroutine.send(None)
    del coroutine
    gc.collect()
    limiter.release()
    limiter.acquire(timeout=TIMEOUT)


def test_a_thread_waits_no_longer_than_its_timeout(clock):
    limiter = RateLimiter(60, clock=clock)
    limiter.acquire()
    with pytest.raises(TimeoutError, match=r"within 0\.5 seconds"):
        limiter.acquire(timeout=0.5)
    limiter.acquire(timeout=1)


async def test_a_task_waits_for_its_time_on_the_clock_of_the_system():
    limiter = RateLimiter(60_000)
    for _ in range(3):
        await limiter.acquire_async()
    limiter.acquire()
    await Clock().wait_async(asyncio.Event(), 0.001)


def test_pickles_have_the_same_limits_and_start_afresh(clock):
    limiter = RateLimiter(60, max_concurrency=1, clock=clock)
    limiter.acquire()
    copy = pickle.loads(pickle.dumps(limiter))
    assert repr(copy) == repr(limiter) == "RateLimiter(requests_per_minute=60, max_concurrency=1)"
    first, second = send_times(copy, copy._clock, [1, 1])
    assert first == 1000
    assert second - first == pytest.approx(1, abs=0.02)


async def test_a_client_is_pickled_with_its_limiter(twin, clock):
    client = twin.chat(rate_limiter=RateLimiter(60, clock=clock))
    await client.complete(messages=MESSAGES)
    again = twin.keep(pickle.loads(pickle.dumps(client.raw)))
    for _ in range(2):
        await again.complete(messages=MESSAGES)
    assert clock.now == 1000  # the copy has a clock of its own


def counting_service(service, clock, per_minute):
    """Make a service refuse what is more than its limit, counted in a window of a minute."""
    accepted, lock = [], threading.Lock()

    def answer_to(request):
        with lock:
            now = clock.time()
            if len(accepted) - bisect_left(accepted, now - 60) >= per_minute:
                return json_reply({"error": {"code": "429", "message": "Too many requests"}}, 429)
            accepted.append(now)
        return json_reply(COMPLETION)

    service.answer_to = answer_to
    return accepted


async def test_a_thousand_requests_are_never_too_many(twin, service, clock):
    accepted = counting_service(service, clock, 600)
    limiter = RateLimiter(600, clock=clock)
    clients = [twin.chat(rate_limiter=limiter) for _ in range(2)]

    async def send(client):
        for _ in range(250):
            await client.complete(messages=MESSAGES)

    def in_thread(client):
        asyncio.run(send(client))

    if twin.mode == "async":
        await asyncio.gather(*(send(client) for client in clients * 2))
    else:
        await asyncio.gather(*(asyncio.to_thread(in_thread, client) for client in clients * 2))
    assert len(accepted) == len(service.requests) == 1000
    assert clock.now - 1000 == pytest.approx(101, rel=0.02)


async def test_retries_wait_for_their_turn_too(twin, service, clock):
    limiter = RateLimiter(60, clock=clock)
    transport = (AsyncRecording if twin.mode == "async" else Recording)()
    client = twin.chat(rate_limiter=limiter, retry_total=2, transport=transport)
    busy = json_reply({"error": {"message": "busy"}}, 429, **{"Retry-After": "7"})
    service.reply(busy, json_reply({"error": {"message": "busy"}}, 503, **{"Retry-After": "soon"}))
    await client.complete(messages=MESSAGES)
    assert clock.now - 1000 == pytest.approx(7 + 1, abs=0.05)


async def test_answers_of_the_service_correct_the_limiter(twin, service, clock):
    client = twin.chat(rate_limiter=RateLimiter(clock=clock))
    service.reply(json_reply(COMPLETION, **{"X-RateLimit-Limit-Requests": "6"}))
    for _ in range(2):
        await client.complete(messages=MESSAGES)
    assert clock.now - 1000 == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize("keywords", [{"max_tokens": 5900}, {"max_completion_tokens": 5900}])
async def test_tokens_to_generate_count(twin, clock, keywords):
    client = twin.chat(rate_limiter=RateLimiter(tokens_per_minute=6000, clock=clock))
    for _ in range(2):
        await client.complete(messages=MESSAGES, **keywords)
    assert 59 < clock.now - 1000 < 62


async def test_bodies_in_bytes_and_requests_without_a_body_count(twin, clock):
    client = twin.chat(rate_limiter=RateLimiter(tokens_per_minute=60, clock=clock))
    await client.complete(b'{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 45}')
    await client.get_model_info()
    assert 59 < clock.now - 1000 < 63


async def test_a_failed_request_makes_room_for_the_next(twin, service, clock):
    client = twin.chat(rate_limiter=RateLimiter(max_concurrency=1, clock=clock))
    service.reply(Reply([], framing="none", breaks=True), json_reply({"error": {"message": "no"}}, 400))
    for _ in range(2):
        with pytest.raises(Exception, match=r".") as caught:
            await client.complete(messages=MESSAGES)
        assert not isinstance(caught.value, TypeError)
    await client.complete(messages=MESSAGES)


async def test_a_call_that_waits_too_long_for_its_turn_times_out(twin, service):
    limiter = RateLimiter(max_concurrency=1)
    limiter.acquire()
    client = twin.chat(rate_limiter=limiter)
    with pytest.raises((ServiceRequestTimeoutError, ServiceResponseTimeoutError), match="timed out") as caught:
        await client.complete(messages=MESSAGES, timeout=0.01)
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message
    assert service.requests == []


async def test_many_clients_share_the_slots_of_one_limiter(twin, service):
    limiter, gate = RateLimiter(max_concurrency=2), Gate()
    service.reply(*[Reply([gate, b"{}"], 400, framing="close")] * 2)
    clients = [twin.chat(rate_limiter=limiter) for _ in range(4)]

    async def send(client):
        if twin.mode == "async":
            return await client.complete(messages=MESSAGES)
        return await asyncio.to_thread(client.raw.complete, messages=MESSAGES)

    tasks = [asyncio.ensure_future(send(client)) for client in clients]
    await have_entered(limiter, 2)
    assert await asyncio.to_thread(service.has_open, 2)
    assert len(service.requests) <= 2
    gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(isinstance(outcome, HttpResponseError) for outcome in outcomes) == [False, False, True, True]


@pytest.mark.parametrize("cls", [ChatCompletionsClient, EmbeddingsClient])
def test_no_client_warns_of_the_keyword(cls):
    cls("https://example.com", AzureKeyCredential("key-1"), rate_limiter=RateLimiter())
