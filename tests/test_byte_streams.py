"""Unbuffered reading of response bodies: other transports and errors."""

import asyncio
import io
import ssl
from types import SimpleNamespace

import aiohttp
import pytest
import urllib3
from azure.ai.inference._http._body_async import Body
from azure.ai.inference._http._byte_stream import ByteStream, body_pieces
from azure.ai.inference._http._byte_stream_async import AsyncByteStream, read_rest
from azure.ai.inference._http._deadline import OVERHEAD_BYTES
from azure.ai.inference._http._response_async import ClientResponse, Connection, Exchange
from azure.ai.inference._http._retry_async import _discard
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import IncompleteReadError, ServiceResponseTimeoutError
from loopback import DONE, event, update
from transports import other_transport

MESSAGES = [UserMessage("hi")]
UPDATES = (event(update("a")), event(update("b")), event(update(finish_reason="stop")), DONE)


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_streaming_with_other_transports(twin, service, framing):
    service.stream(*UPDATES, framing=framing)
    stream = await twin.chat(transport=other_transport(twin)).complete(messages=MESSAGES, stream=True)
    assert [text async for text in await stream.text_deltas()] == ["a", "b"]
    await stream.close()


class File(io.BytesIO):
    """A body that raises an error when it is read."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def read1(self, *args):
        raise self.error

    read = read1


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError("gone"), IncompleteReadError),
        (TimeoutError("late"), ServiceResponseTimeoutError),
        (ssl.SSLError("bad record"), IncompleteReadError),
        (RuntimeError("a fault of ours"), RuntimeError),
    ],
)
def test_errors_of_urllib3_are_mapped_to_azure_core(error, raised):
    raw = urllib3.HTTPResponse(body=File(error), preload_content=False)
    internal = SimpleNamespace(raw=raw)
    body = ByteStream(SimpleNamespace(internal_response=internal, reason="OK", status_code=200, close=raw.close))
    with pytest.raises(raised) as caught:
        body.read()
    assert type(caught.value) is raised
    assert caught.value is error or caught.value.inner_exception is caught.value.__cause__ is not None
    body.drain()


class Response:
    """A response that raises an error when it is read."""

    internal_response = None
    reason = "OK"
    status_code = 200

    def __init__(self, error):
        self.error = error

    async def iter_bytes(self):
        yield b""
        yield b"a"
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError("gone"), IncompleteReadError),
        (asyncio.TimeoutError("late"), ServiceResponseTimeoutError),
        (aiohttp.ClientPayloadError("cut"), IncompleteReadError),
        (aiohttp.ServerDisconnectedError("gone"), IncompleteReadError),
        (RuntimeError("a fault of ours"), RuntimeError),
    ],
)
async def test_errors_of_aiohttp_are_mapped_to_azure_core(error, raised):
    body = AsyncByteStream(Response(error))
    assert await body.read() == b"a"
    with pytest.raises(raised) as caught:
        await body.read()
    assert type(caught.value) is raised
    assert caught.value is error or caught.value.inner_exception is caught.value.__cause__ is not None


async def test_read_returns_no_bytes_at_the_end_of_a_body():
    body = AsyncByteStream(Response(None))
    assert [await body.read() for _ in range(3)] == [b"a", b"", b""]
    await body.drain()


def test_a_whole_body_of_another_transport_is_read_by_its_interface():
    response = SimpleNamespace(iter_bytes=lambda: iter([b"a", b"b"]), status_code=200)
    assert list(body_pieces(response, None)) == [b"a", b"b"]


@pytest.mark.parametrize(
    ("error", "raised"), [(OSError("gone"), IncompleteReadError), (RuntimeError("bug"), RuntimeError)]
)
def test_errors_within_a_whole_body_are_mapped_to_azure_core(error, raised):
    raw = urllib3.HTTPResponse(body=File(error), preload_content=False)
    response = SimpleNamespace(internal_response=SimpleNamespace(raw=raw), reason="OK", status_code=200)
    with pytest.raises(raised):
        list(body_pieces(response, None))


@pytest.mark.parametrize(
    ("error", "raised"),
    [(aiohttp.ClientPayloadError("cut"), IncompleteReadError), (RuntimeError("a bug"), RuntimeError)],
)
async def test_errors_within_the_rest_of_a_body_are_mapped_to_azure_core(error, raised):
    async def read():
        raise error

    with pytest.raises(raised):
        await read_rest(SimpleNamespace(read=read, reason="OK", status_code=200))


class Content:
    """A body of aiohttp that raises an error when it is read."""

    def __init__(self, error):
        self.error = error

    def at_eof(self):
        return False

    def set_exception(self, error):
        raise error

    async def readany(self):
        raise self.error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError("gone"), IncompleteReadError),
        (aiohttp.ClientPayloadError("cut"), IncompleteReadError),
        (asyncio.TimeoutError(), ServiceResponseTimeoutError),
        (RuntimeError("a fault of ours"), RuntimeError),
    ],
)
@pytest.mark.parametrize("read_timeout", [None, 60])
async def test_errors_within_a_body_of_aiohttp_are_mapped_to_azure_core(error, raised, read_timeout):
    internal = SimpleNamespace(content=Content(error), headers={}, status=200)
    response = SimpleNamespace(internal_response=internal, reason="OK", status_code=200)
    with pytest.raises(raised):
        await Body(response, 100, read_timeout, None, is_decoded=False).read()


def test_nothing_can_be_interrupted_in_a_response_of_another_transport():
    body = ByteStream(SimpleNamespace(iter_bytes=lambda: iter([b"a"]), status_code=200, close=lambda: None))
    body.interrupt()
    assert body.read() == b"a"


async def test_a_connection_that_is_gone_gives_up_on_too_many_bytes():
    connection = Connection(asyncio.get_running_loop())
    connection.data_received(bytes(OVERHEAD_BYTES + 1))
    assert isinstance(connection.exception(), aiohttp.ClientPayloadError)


class Sending:
    """A connection over which a large request is being sent."""

    def __init__(self, unsent):
        self.unsent = iter(unsent)
        self.transport = self
        self.errors = []

    def get_write_buffer_size(self):
        return next(self.unsent)

    def set_exception(self, error):
        self.errors.append(error)


async def test_the_wait_for_an_answer_begins_when_a_large_request_has_been_sent():
    response, sending = ClientResponse.__new__(ClientResponse), Sending([300, 200, 200, 100, 100])
    response._start_timer(sending, exchange := Exchange(60, None), 60)  # 300 bytes are left
    response._end_wait(sending, exchange, 300)  # 200 are left: it goes on
    assert not sending.errors
    response._head_timer.cancel()
    response._end_wait(sending, exchange, 100)  # nothing was sent meanwhile
    assert [type(error) for error in sending.errors] == [asyncio.TimeoutError]
    vars(response).clear()


def test_a_response_that_comes_too_late_is_closed():
    closed = []
    internal = SimpleNamespace(close=lambda: closed.append(True))
    _discard(SimpleNamespace(http_response=SimpleNamespace(internal_response=internal)))
    assert closed
    _discard(SimpleNamespace(http_response=SimpleNamespace()))
