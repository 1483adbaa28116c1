"""The private names of other libraries that `_http` uses. If a new version changes one, a test says which."""

import asyncio
import http.client
import io
import json

import aiohttp
import pytest
import requests
import urllib3
from azure.ai.inference._http._request import ApiRequest
from azure.ai.inference._http._retry import RetryPolicy
from azure.ai.inference._http._session_async import LoopSession
from azure.ai.inference._http._transport import Transport
from azure.core.pipeline import policies, transport
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._aiohttp import RestAioHttpTransportResponse
from loopback import COMPLETION, INFO, json_reply


def test_requests_reads_the_body_that_the_transport_stored():
    response = requests.Response()
    response._content, response._content_consumed = b"body", True
    assert response.content == b"body", "requests no longer takes a body from Response._content: see _store_body"
    assert list(response.iter_content(2)) == [b"bo", b"dy"], "requests no longer iterates over Response._content"


def test_azure_core_keeps_the_user_agent_where_ours_looks_for_it():
    assert "_user_agent" in vars(policies.UserAgentPolicy()), "azure-core keeps it elsewhere: see UserAgentPolicy"


def test_urllib3_makes_every_connection_with_new_conn():
    for pool in (urllib3.HTTPConnectionPool("localhost"), urllib3.HTTPSConnectionPool("localhost")):
        connection = pool._new_conn()
        assert isinstance(connection, http.client.HTTPConnection), "urllib3 connections are not those of http.client"
    assert http.client.HTTPConnection.response_class is http.client.HTTPResponse, "http.client has no response_class"


def test_deadline_bounds_the_reads_of_every_connection(service):
    sender = Transport()
    sender.open()
    with sender.session.get(f"{service.url}/info", stream=True) as response:
        body = response.raw
        assert type(body._fp).__name__ == "BoundedResponse", "urllib3 or requests made a connection by another way"
        assert body._original_response is body._fp, "urllib3 has no _original_response: BodyReader finds no reader"
        assert body._original_response.reader.received, "http.client reads past BoundedReader"
        assert json.loads(body.read()) == INFO
    sender.close()


class Socket(io.BytesIO):
    """A socket of which only the file is asked for."""

    def makefile(self, mode):
        return io.BufferedReader(io.BytesIO(self.getvalue()))


def test_http_client_reads_from_a_file_that_can_be_replaced():
    response = http.client.HTTPResponse(
        Socket(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    )
    assert isinstance(response.fp, io.BufferedReader), "http.client reads from no BufferedReader: see BoundedResponse"
    response.begin()
    assert response.status == 102, "http.client skips 102 itself: BoundedResponse.begin need not"
    response.headers = response.msg = None
    response.begin()
    assert (response.status, response.read()) == (200, b"x"), "http.client does not begin again without its headers"


def test_http_client_takes_a_head_that_ends_early_for_complete():
    response = http.client.HTTPResponse(Socket(b"HTTP/1.1 200 OK\r\nX: y"))
    response.begin()
    assert response.status == 200, "http.client refuses a head that ends early: BoundedResponse.begin need not"


async def test_aiohttp_connectors_can_be_closed_without_awaiting():
    connector = aiohttp.TCPConnector()
    assert hasattr(connector, "_close"), "aiohttp connectors have no _close: Transport.__del__ leaves sockets open"
    connector._close()
    assert connector.closed, "TCPConnector._close no longer closes the connector"
    await connector.close()


async def test_aiohttp_makes_its_connections_with_factory_and_keeps_them(service):
    own = await LoopSession.open()
    connector = own._connector
    assert callable(connector._factory), "aiohttp connectors have no _factory: see LoopSession"
    response = await own.session.get(f"{service.url}/info")
    used = response._connection_used
    assert type(used).__name__ == "Connection", "aiohttp does not call connector._factory for its connections"
    assert used.received, "aiohttp gives bytes to its parser past data_received"
    assert list(own.descriptors()), "aiohttp does not keep connections in connector._acquired and _conns"
    assert json.loads(await response.content.read()) == INFO
    assert response._body is None, "aiohttp has renamed ClientResponse._body: see Transport._receive"
    response._body = b"stored"
    assert await response.read() == b"stored", "aiohttp does not read ClientResponse._body"
    assert connector._conns, "aiohttp does not keep idle connections in connector._conns"
    own.abandon()


async def test_aiohttp_leaves_retries_to_us(service):
    own = await LoopSession.open()
    newer = tuple(map(int, aiohttp.__version__.split(".")[:2])) >= (3, 11)
    known = hasattr(own.session, "_retry_connection")
    assert known or not newer, "aiohttp has renamed ClientSession._retry_connection: a GET is sent twice"
    own.abandon()


async def test_aiohttp_buffers_what_has_arrived():
    reader = aiohttp.StreamReader(
        aiohttp.base_protocol.BaseProtocol(asyncio.get_running_loop()), 100, loop=asyncio.get_running_loop()
    )
    assert not reader._buffer, "aiohttp has renamed StreamReader._buffer: see Body._receive"
    reader.feed_data(b"ab")
    reader.set_exception(ConnectionAbortedError())
    assert reader._buffer, "aiohttp has renamed StreamReader._buffer: see Body._receive"
    assert reader._read_nowait(-1) == b"ab", "StreamReader._read_nowait does not return what arrived before an error"
    with pytest.raises(ConnectionAbortedError):
        await reader.readany()


def test_azure_core_counts_retries_with_these_keys():
    counters = RetryPolicy().configure_retries({})
    assert {"timeout", "history", "backoff", "max_backoff"} <= counters.keys(), "azure-core renamed what it counts with"


def test_azure_core_exports_the_transports():
    assert transport.RequestsTransport
    assert transport.AioHttpTransport


async def test_azure_core_makes_this_response_of_one_of_aiohttp(service):
    async with AioHttpTransport() as sender:
        sent = await sender.send(HttpRequest("GET", f"{service.url}/info"))
    assert type(sent) is RestAioHttpTransportResponse, "azure-core makes another class: see Transport._send_simple"


def test_older_names_of_a_request_are_those_of_azure_core():
    ours, theirs = (cls("POST", "https://example.com", content="text") for cls in (ApiRequest, HttpRequest))
    for name in ("multipart_mixed_info", "data", "files"):
        assert getattr(ours, name) == getattr(theirs, name), f"azure-core keeps `{name}` elsewhere: see ApiRequest"
    assert ours.prepare_multipart_body() == theirs.prepare_multipart_body()
    ours.data = ours.files = ours.multipart_mixed_info = None
    assert (ours.data, ours.files, ours.multipart_mixed_info) == (None, None, None)


def test_azure_core_makes_tls_contexts():
    assert callable(transport.AioHttpTransport._build_ssl_config), "azure-core renamed _build_ssl_config"


@pytest.mark.parametrize("make", [transport.RequestsTransport, transport.AioHttpTransport])
async def test_azure_core_reads_bodies_with_these_attributes(service, make):
    is_async = make is transport.AioHttpTransport
    service.reply(json_reply(COMPLETION))
    sender = make()
    opening = sender.open()
    await opening if opening is not None else None
    sent = sender.send(HttpRequest("GET", f"{service.url}/info"), stream=True)
    response = await sent if is_async else sent
    assert hasattr(response, "_stream_download_generator"), "azure-core renamed _stream_download_generator"
    assert not is_async or response._decompress is True, "azure-core renamed _decompress: see Transport._receive"
    response._stream_download_generator = pieces_async if is_async else pieces
    found = [piece async for piece in response.iter_bytes()] if is_async else list(response.iter_bytes())
    assert found == [b"ours"], "azure-core does not call _stream_download_generator(response, pipeline, decompress=…)"
    closing = sender.close()
    await closing if closing is not None else None


def pieces(response, pipeline, *, decompress=True):
    yield b"ours"


async def pieces_async(response, pipeline, *, decompress=True):
    yield b"ours"
