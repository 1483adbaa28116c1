"""`timeout` bounds a whole call; `read_timeout` each wait within a stream. The clock is controlled by the tests."""

import asyncio
import socket
import time

import pytest
from azure.ai.inference._http import _deadline, _retry
from azure.ai.inference._http._deadline import BoundedReader, DeadlinePolicy
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
"""Seconds that a socket waits for bytes that do not arrive."""


class Clock:
    """The clock of the clients. It only advances when a test moves it."""

    def __init__(self, loop):
        self.now, self.loop = 0.0, loop

    def monotonic(self):
        return self.now

    def advance(self, seconds):
        """Advance the clock, from any thread, and wake the event loop."""
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
    """Let the next read take the given time. Sockets of the sync clients do not use the clock."""
    if hasattr(stream.raw, "__anext__"):
        clock.loop.call_soon(clock.advance, seconds)
    else:
        sock = stream.raw._response.internal_response.raw.connection.sock
        sock.settimeout(sock.gettimeout() - seconds + SHORT)


@pytest.mark.parametrize("per_call", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_timeout_bounds_the_wait_for_a_response(twin, service, clock, per_call, stream):
    gate = Gate()
    service.reply(Reply([lambda: clock.advance(SHORT), gate], framing="none", breaks=True))
    client = twin.chat(**{} if per_call else {"timeout": SHORT})
    words = "timeout of the call is over" if twin.mode == "sync" else "call timed out after"
    with pytest.raises(ServiceResponseTimeoutError, match=words) as raised:
        await client.complete(messages=MESSAGES, stream=stream, **{"timeout": SHORT} if per_call else {})
    assert isinstance(raised.value.inner_exception, Exception)
    assert raised.value.__cause__
    gate.open()
    assert gate.was_opened_in_time


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_timeout_bounds_a_slow_body(twin, service, clock, framing):
    """Each read is short, but all together exceed the timeout. The service advances the clock between the chunks."""
    gate = Gate()
    chunks = [chunk for _ in range(3) for chunk in (b" " * 10, lambda: clock.advance(0.4 * LIMIT))]
    # The timer of an event loop may run after the last byte was read: the byte waits at the gate. For a sync read, this
    # byte is the end of its last wait.
    ending = [gate, b" "] if twin.mode == "async" else [b" ", gate]
    service.reply(Reply([*chunks, *ending], content_type="application/json", framing=framing))
    with pytest.raises(ServiceResponseTimeoutError):
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    gate.open()
    assert gate.was_opened_in_time


async def test_timeout_bounds_a_stalled_body(twin, service, clock):
    gate = Gate()

    def begin():
        """Leave almost no time for the body."""
        clock.advance(LIMIT - SHORT)
        return Reply([b" " * 10, lambda: clock.advance(SHORT), gate], content_type="application/json")

    service.reply(begin)
    with pytest.raises(ServiceResponseTimeoutError):
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    gate.open()
    assert gate.was_opened_in_time


def test_no_read_of_a_socket_begins_after_the_timeout():
    ours, theirs = socket.socketpair()
    with ours, theirs, BoundedReader(ours.makefile("rb", buffering=0), ours, end=time.monotonic()) as reader:
        theirs.sendall(b"late")
        with pytest.raises(TimeoutError, match="timed out"):
            reader.read(4)
        reader.bound(None)
        assert reader.read(4) == b"late"


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_responses_in_time_are_complete(twin, service, framing):
    content = event(COMPLETION)[6:]
    service.reply(Reply([content[:50], content[50:]], content_type="application/json", framing=framing))
    client = twin.chat()
    assert await client.complete(messages=MESSAGES, timeout=LIMIT) == COMPLETION
    assert await client.complete(messages=MESSAGES) == COMPLETION


async def test_responses_in_time_keep_the_connection_open(twin, service):
    client = twin.chat(timeout=LIMIT)
    for _ in range(3):
        await client.complete(messages=MESSAGES)
    assert service.connections == 1


async def test_error_responses_in_time_are_raised(twin, service):
    service.reply(json_reply({"error": {"code": "c", "message": "m"}}, 400))
    with pytest.raises(Exception, match="m") as raised:
        await twin.chat().complete(messages=MESSAGES, timeout=LIMIT)
    assert raised.value.error.code == "c"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
async def test_timeout_does_not_bound_a_stream_after_its_start(twin, service):
    gate = Gate()
    service.stream(event(update("a")), gate, event(update(finish_reason="stop")), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True, timeout=LIMIT, read_timeout=77)
    assert (await anext(stream)).choices[0].delta.content == "a"
    assert stream.raw._response.internal_response.raw.connection.sock.gettimeout() == 77
    gate.open()
    assert len([item async for item in stream]) == 1


@pytest.mark.parametrize("bounds", [{"read_timeout": 25}, {"read_timeout": 25, "timeout": LIMIT}])
async def test_read_timeout_bounds_each_read_of_a_stream(twin, service, clock, bounds):
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


async def test_timeout_with_other_transports(twin, service, clock):
    gate = Gate()
    service.reply(Reply([lambda: clock.advance(SHORT), gate], framing="none", breaks=True))
    client = twin.chat(transport=other_transport(twin))
    with pytest.raises(ServiceResponseTimeoutError):
        await client.complete(messages=MESSAGES, timeout=SHORT)
    gate.open()
    assert await client.complete(messages=MESSAGES, timeout=LIMIT) == COMPLETION
    stream = await client.complete(messages=MESSAGES, timeout=LIMIT, stream=True)
    assert [text async for text in await stream.text_deltas()] == ["ok"]
    await stream.close()


async def test_timeout_bounds_connecting(twin, service, clock):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat(retry_total=3).complete(messages=MESSAGES, timeout=0.1)


def test_nothing_is_sent_after_the_timeout():
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
