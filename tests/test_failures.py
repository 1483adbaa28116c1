"""Exceptions of azure-core by the causes of a failure, whichever library and version reports it."""

import zlib
from http.client import HTTPException
from types import SimpleNamespace

import aiohttp
import pytest
import requests
import urllib3
from aiohttp import http_exceptions
from azure.ai.inference._http._failures import body_error, is_transport_error, reclassified
from azure.core.exceptions import (
    DecodeError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

RESPONSE = SimpleNamespace(status_code=200, reason="OK", headers={}, request=SimpleNamespace(url="", headers={}))
POOL = urllib3.HTTPConnectionPool("localhost")
LATE = [
    TimeoutError(),
    requests.ReadTimeout(),
    urllib3.exceptions.ReadTimeoutError(POOL, "/", "late"),
    aiohttp.ServerTimeoutError(),
]
UNDECODABLE = [zlib.error(), urllib3.exceptions.DecodeError(), http_exceptions.ContentEncodingError("bad")]
BROKEN = [
    OSError(),
    HTTPException(),
    ValueError(),
    aiohttp.ClientPayloadError(),
    urllib3.exceptions.ProtocolError(),
    http_exceptions.TransferEncodingError("bad"),
    http_exceptions.BadStatusLine(),
]


def name(error: Exception) -> str:
    return f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        *((ServiceResponseTimeoutError, error) for error in LATE),
        *((DecodeError, error) for error in UNDECODABLE),
        *((IncompleteReadError, error) for error in BROKEN),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else name(value),
)
def test_exceptions_of_the_network_are_known(kind, error):
    assert is_transport_error(error)
    made = body_error(error, RESPONSE, 7)
    assert type(made) is kind
    assert "after 7 bytes of the body" in made.message
    assert made.inner_exception is error


@pytest.mark.parametrize("error", [TypeError(), KeyError(), RuntimeError()], ids=name)
def test_exceptions_of_programs_are_not_of_the_network(error):
    assert not is_transport_error(error)


@pytest.mark.parametrize("error", LATE, ids=name)
@pytest.mark.parametrize("made", [ServiceResponseError, ServiceResponseTimeoutError])
def test_what_came_late_is_a_timeout_for_the_retry_policy(made, error):
    given = made("late", error=error)
    better = reclassified(given)
    assert type(better) is ServiceResponseTimeoutError
    assert (better is given) == (made is ServiceResponseTimeoutError)
    assert better.inner_exception is error


def test_a_body_that_broke_off_is_no_failure_to_connect():
    better = reclassified(ServiceRequestError("broken", error=aiohttp.ClientPayloadError()))
    assert type(better) is IncompleteReadError
    refused = ServiceRequestError("refused", error=ConnectionRefusedError())
    assert reclassified(refused) is refused
