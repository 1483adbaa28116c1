"""`timeout` bounds a whole call; `read_timeout` each wait within a stream. Time passes where a test says so."""

import asyncio
import time

import pytest
from azure.ai.inference._http import _deadline, _retry
from azure.ai.inference._http._deadline import DeadlinePolicy
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import ServiceRequestError, ServiceRequestTimeoutError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from loopback import COMPLETION, DONE, TIMEOUT, Gate, Reply, event, json_reply, update
from transports import other_transport

MESSAGES = [UserMessage("hi")]
LIMIT = TIMEOUT / 2
SHORT = 0.05
"""Seconds that sockets are left to wait for what does not come."""


class Clock:
    """The time that clients know. It stands still, however busy the machine is, until it is moved on."""

    def __init__(self, loop):
        self.now, self.loop = 0.0, loop

    def monotonic(self):
        return self.now

    def pass_(self, seconds):
        """Move the time on, from any thread; what waits in the event loop is woken."""
        self.now += seconds
        self.loop.call_soon_threadsafe(lambda: None)


@pytest.fixture
async def clock(monkeypatch):
    clock = Clock(asyncio.get_running_loop())
    for module in (_deadline, _retry):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(clock.loop, "time", clock.monotonic)
    return clock


def fall_silent(clock, stream, seconds):
    """Let a wait for the next update take so long. Sockets of the sync world do not know the clock."""
    if hasattr(stream.raw, "__anext__"):
        clock.loop.call_soon(clock.pass_, seconds)
    else:
        socket = stream.raw._response.internal_response.raw.connection.sock
        socket.settimeout(socket.gettimeout() - seconds + SHORT)


@pytest.mark.parametrize("per_call", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_service_that_does_not_answer(twin, service, clock, per_call, stream):
    gate = Gate()
    service.reply(Reply([lambda: clock.pass_(SHORT), gate], framing="none", breaks=True))
    client = twin.chat(**{} if per_call else {"timeout": SHORT})
    with pytest.raises(ServiceResponseTimeoutError) as raised:
        await client.complete(messages=MESSAGES, stream=stream, **{"timeout": SHORT} if per_call else {})
    assert isinstance(raised.value.inner_exception, Exception)
    assert raised.value.__cause__ or twin.world == "sync"  # azure-core chains nothing there
    gate.open()
    assert gate.was_opened_in_time


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_timeout_bounds_a_slow_body(twin, service, clock, framing):
    """No wait is long; it is all of them together that are. The service moves the clock on between the drops."""
    gate = Gate()
    drops = [drop for _ in range(3) for drop in (b" " * 10, lambda: clock.pass_(0.4 * LIMIT))]
    service.reply(Reply([*drops, b" ", gate], content_type="application/json", framing=framing))
    with pytest.raises(ServiceResponseTimeoutError):
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    gate.open()
    assert gate.was_opened_in_time


async def test_a_body_that_stops(twin, service, clock):
    gate = Gate()

    def begin():
        """Leave next to nothing of the time to the body."""
        clock.pass_(LIMIT - SHORT)
        return Reply([b" " * 10, lambda: clock.pass_(SHORT), gate], content_type="application/json")

    service.reply(begin)
    with pytest.raises(ServiceResponseTimeoutError):
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    gate.open()
    assert gate.was_opened_in_time


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_answers_in_time_are_whole(twin, service, framing):
    content = event(COMPLETION)[6:]
    service.reply(Reply([content[:50], content[50:]], content_type="application/json", framing=framing))
    client = twin.chat()
    assert await client.complete(messages=MESSAGES, timeout=LIMIT) == COMPLETION
    assert await client.complete(messages=MESSAGES) == COMPLETION


async def test_answers_in_time_leave_the_connection_open(twin, service):
    client = twin.chat(timeout=LIMIT)
    for _ in range(3):
        await client.complete(messages=MESSAGES)
    assert service.connections == 1


async def test_errors_in_time_are_told(twin, service):
    service.reply(json_reply({"error": {"code": "c", "message": "m"}}, 400))
    with pytest.raises(Exception, match="m") as raised:
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    assert raised.value.error.code == "c"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
async def test_the_time_of_a_stream_ends_where_the_stream_begins(twin, service):
    gate = Gate()
    service.stream(event(update("a")), gate, event(update(finish_reason="stop")), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True, timeout=LIMIT, read_timeout=77)
    assert (await anext(stream)).choices[0].delta.content == "a"
    assert stream.raw._response.internal_response.raw.connection.sock.gettimeout() == 77
    gate.open()
    assert len([item async for item in stream]) == 1


@pytest.mark.parametrize("bounds", [{"read_timeout": 25}, {"read_timeout": 25, "timeout": LIMIT}])
async def test_within_a_stream_each_wait_counts(twin, service, clock, bounds):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True, **bounds)
    assert (await anext(stream)).choices[0].delta.content == "a"
    fall_silent(clock, stream, 25)
    with pytest.raises(ServiceResponseTimeoutError):
        await anext(stream)
    gate.open()
    assert gate.was_opened_in_time
    assert await asyncio.to_thread(service.all_closed)


async def test_other_transports_are_limited_too(twin, service, clock):
    gate = Gate()
    service.reply(Reply([lambda: clock.pass_(SHORT), gate], framing="none", breaks=True))
    client = twin.chat(transport=other_transport(twin))
    with pytest.raises(ServiceResponseTimeoutError):
        await client.complete(messages=MESSAGES, timeout=SHORT)
    gate.open()
    assert await client.complete(messages=MESSAGES, timeout=LIMIT) == COMPLETION
    stream = await client.complete(messages=MESSAGES, timeout=LIMIT, stream=True)
    assert [text async for text in await stream.text_deltas()] == ["ok"]
    await stream.close()


async def test_a_service_that_cannot_be_reached_in_time(twin, service, clock):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat(retry_total=3).complete(messages=MESSAGES, timeout=0.1)


def test_nothing_is_sent_when_the_time_is_up():
    request = PipelineRequest(HttpRequest("GET", "/"), PipelineContext(None))
    request.context["deadline"] = time.monotonic()
    with pytest.raises(ServiceRequestTimeoutError):
        DeadlinePolicy().send(request)


class Noting(RequestsTransport):
    """Notes what it is told beside the request."""

    def send(self, request, **config):
        self.config = config
        return super().send(request, **config)


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # the async call is cancelled as a whole
@pytest.mark.parametrize("given_to", ["transport", "call"])
async def test_timeout_bounds_connecting_even_where_more_is_given_for_it(twin, service, given_to):
    longer = {"connection_timeout": 2 * LIMIT, "read_timeout": 2 * LIMIT}
    transport = Noting(**(longer if given_to == "transport" else {}))
    await twin.chat(transport=transport).complete(
        messages=MESSAGES, timeout=LIMIT, **(longer if given_to == "call" else {})
    )
    assert 0 < transport.config["connection_timeout"] <= LIMIT
    assert 0 < transport.config["read_timeout"] <= LIMIT
    await twin.chat(transport=transport).complete(messages=MESSAGES, timeout=LIMIT, connection_timeout=1)
    assert transport.config["connection_timeout"] == 1
