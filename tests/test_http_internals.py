"""The private names of other libraries that `_http` uses. If a new version changes one, a test says which."""

import http.client
import json

import aiohttp
import requests
import urllib3
from azure.ai.inference._http._request import ApiRequest
from azure.ai.inference._http._retry import RetryPolicy
from azure.ai.inference._http._transport import Transport
from azure.core.pipeline import transport
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._aiohttp import RestAioHttpTransportResponse
from loopback import INFO


def test_requests_reads_the_body_that_the_transport_stored():
    response = requests.Response()
    response._content, response._content_consumed = b"body", True
    assert response.content == b"body", "requests no longer takes a body from Response._content: see _store_body"
    assert list(response.iter_content(2)) == [b"bo", b"dy"], "requests no longer iterates over Response._content"


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
        assert json.loads(body.read()) == INFO
    sender.close()


async def test_aiohttp_connectors_can_be_closed_without_awaiting():
    connector = aiohttp.TCPConnector()
    assert hasattr(connector, "_close"), "aiohttp connectors have no _close: Transport.__del__ leaves sockets open"
    connector._close()
    assert connector.closed, "TCPConnector._close no longer closes the connector"
    await connector.close()


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
