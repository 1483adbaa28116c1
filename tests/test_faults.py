"""What can go wrong on the way: each fault, with each operation, in both worlds.

Each case ends with the right answer after the retries that are allowed, or with an exception of azure-core. No request
is sent again once its answer has begun, no update of a stream is lost or repeated, nothing is left open, and nothing is
said on stderr or to the log.
"""

import asyncio
import gc
import json
import logging
import sys

import pytest
from azure.ai.inference import aio as async_sdk
from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import HttpRequest
from conftest import KEY, AsyncAdapter
from faults import (
    Faults,
    chunk,
    close,
    deflated,
    drip,
    flood,
    gzipped,
    head,
    in_chunks,
    reset,
    stall,
    with_length,
)
from loopback import COMPLETION, DONE, EMBEDDINGS, INFO, event, update

MESSAGES = [{"role": "user", "content": "hi"}]
TEXTS = ["a", "b", "c"]
STREAM = b"".join([*(event(update(text)) for text in TEXTS), event(update(finish_reason="stop")), DONE])
PLAIN = {"a": 1}
SETTINGS = {"retry_total": 2, "retry_backoff_factor": 0, "read_timeout": 0.25, "max_body_bytes": 4 << 20}
RETRIED = 3
"""Requests, where each is answered by a fault that may be tried again."""


class Updates(list):
    """The texts of a stream as they came, and what ended it."""

    error = None


async def complete(client):
    return await client.complete(messages=MESSAGES)


async def stream(client):
    updates, answer = Updates(), await client.complete(messages=MESSAGES, stream=True)
    try:
        async for found in answer:
            updates += [choice.delta.content for choice in found.choices if choice.delta.content]
    except AzureError as error:
        updates.error = error
    return updates


async def embed(client):
    return await client.embed(input=["a"])


async def get_model_info(client):
    return await client.get_model_info()


async def send_request(client):
    response = await client.send_request(HttpRequest("POST", "/x", json=PLAIN))
    response.raise_for_status()
    try:
        return response.json()
    except ValueError:
        return response.text()


OPERATIONS = {
    complete: COMPLETION,
    stream: TEXTS,
    embed: EMBEDDINGS,
    get_model_info: INFO,
    send_request: PLAIN,
}


def body_for(operation):
    """The body of the right answer, and its content type."""
    if operation is stream:
        return STREAM, "text/event-stream"
    return json.dumps(OPERATIONS[operation]).encode(), "application/json"


def good(operation):
    body, content_type = body_for(operation)
    return [with_length(body, content_type=content_type)]


@pytest.fixture(params=["sync", "async"])
def world(request):
    return request.param


@pytest.fixture
def quiet(caplog, capfd, monkeypatch):
    """Fails where anything is complained of."""
    gc.collect()  # what other tests left is none of these
    unraisable, complaints = [], []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: unraisable.append(repr(what.exc_value)))
    yield complaints
    gc.collect()
    complaints += [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert (unraisable, complaints, capfd.readouterr().err) == ([], [], "")


async def attempt(world, operation, *answers, **settings):
    """Make a call, and look what is left. Returns the result or the error, and the number of requests."""
    faults = Faults(*answers)
    sdk = async_sdk if world == "async" else sys.modules["azure.ai.inference"]
    make = sdk.EmbeddingsClient if operation is embed else sdk.ChatCompletionsClient
    client = AsyncAdapter(make(faults.url, KEY, **{**SETTINGS, **settings}))
    try:
        result = await operation(client)
    except AzureError as error:
        assert str(error)
        result = error
    await client.close()
    assert await asyncio.to_thread(faults.all_closed)
    faults.stop()
    return result, len(faults.requests)


def check_error(operation, result, expected):
    """A stream gives what came before the error, once and in order; everything else raises."""
    error = result
    if isinstance(result, Updates):
        error = result.error
        assert result == TEXTS[: len(result)]
    assert isinstance(error, expected), repr(error)
    assert not isinstance(error, (ServiceRequestError, ServiceResponseError)) or isinstance(
        error, ServiceResponseTimeoutError
    )


# Before an answer: the request is sent again.

BEFORE = {"closed": [close], "reset": [reset]}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", BEFORE)
async def test_without_an_answer_the_request_is_sent_again(quiet, world, operation, fault):
    result, count = await attempt(world, operation, BEFORE[fault], good(operation))
    assert (result, count) == (OPERATIONS[operation], 2)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", BEFORE)
async def test_without_an_answer_it_is_given_up_at_last(quiet, world, operation, fault):
    result, count = await attempt(world, operation, BEFORE[fault])
    assert isinstance(result, (ServiceResponseError, ServiceRequestError))
    assert count == RETRIED


# Statuses that say to try later.


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "answer",
    [
        with_length(b"{}", status="503 Service Unavailable"),
        with_length(b"{}", "Retry-After: 0", status="429 Too Many Requests"),
        head("Content-Length: 9", status="500 Internal Server Error"),  # whose body never comes
    ],
)
async def test_later_is_tried_later(quiet, world, operation, answer):
    result, count = await attempt(
        world, operation, [answer, stall] if answer[-2:] == b"\r\n" else [answer], good(operation)
    )
    assert (result, count) == (OPERATIONS[operation], 2)


# Answers that are right, in every shape.


def shapes(body, content_type):
    given = {"content_type": content_type}
    chunked = head("Transfer-Encoding: chunked", **given)
    half = len(body) // 2
    return {
        "in one chunk": [chunked + in_chunks(body)],
        "in chunks": [chunked, *(chunk(body[i : i + 7]) for i in range(0, len(body), 7)), b"0\r\n\r\n"],
        "with extensions": [chunked + b"%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (len(body), body)],
        "with trailers": [chunked + chunk(body) + b"0\r\nX-A: b\r\nX-C: d\r\n\r\n"],
        "until it closes": [head(**given), body[:half], body[half:], close],
        "gzip": [with_length(gzipped(body), "Content-Encoding: gzip", **given)],
        "two members": [with_length(gzipped(body[:half]) + gzipped(body[half:]), "Content-Encoding: gzip", **given)],
        "deflate": [with_length(deflated(body), "Content-Encoding: deflate", **given)],
        "raw deflate": [with_length(deflated(body, raw=True), "Content-Encoding: deflate", **given)],
        "gzip in chunks": [
            head("Transfer-Encoding: chunked", "Content-Encoding: gzip", **given) + in_chunks(gzipped(body))
        ],
        "after 100": [b"HTTP/1.1 100 Continue\r\n\r\n", with_length(body, **given)],
        "after 102 and 103": [
            b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            with_length(body, **given),
        ],
        "with a length that is none": [head("Content-Length: x", **given), body, close],
        "many headers": [with_length(body, *(f"X-{number}: {number}" for number in range(60)), **given)],
    }


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("shape", shapes(b"", ""))
async def test_answers_of_every_shape(quiet, world, operation, shape):
    result, count = await attempt(world, operation, shapes(*body_for(operation))[shape])
    if shape == "with a length that is none" and (isinstance(result, AzureError) or getattr(result, "error", None)):
        check_error(operation, result, HttpResponseError)
    else:
        assert (getattr(result, "error", None), result) == (None, OPERATIONS[operation])
    assert count == 1


# Once an answer has begun: the request is not sent again, whatever becomes of it.


def begun(body, content_type):
    given = {"content_type": content_type}
    chunked = head("Transfer-Encoding: chunked", **given)
    half = len(body) // 2
    zipped = gzipped(body)
    late = ServiceResponseTimeoutError
    return {
        "stalls before the head": ([stall], late),
        "stalls in the head": ([chunked[:20], stall], late),
        "stalls after the head": ([chunked, stall], late),
        "stalls in a chunk": ([chunked, chunk(body)[:half], stall], late),
        "stalls after 103": ([b"HTTP/1.1 103 Early Hints\r\n\r\n", stall], late),
        "stalls until it closes": ([head(**given), body[:half], stall], late),
        "drips in the head": ([b"HTTP/1.1 200 OK\r\nX: ", drip(b"x")], late),
        "drips 100": ([drip(b"HTTP/1.1 100 Continue\r\n\r\n")], late),
        "floods 100": ([flood(b"HTTP/1.1 100 Continue\r\n\r\n")], AzureError),
        "floods 102": ([flood(b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n")], AzureError),
        "a header line without end": ([b"HTTP/1.1 200 OK\r\nX: ", flood(b"x")], HttpResponseError),
        "headers without end": ([b"HTTP/1.1 200 OK\r\n", flood(b"X: y\r\n")], HttpResponseError),
        "no HTTP": ([b"SSH-2.0-OpenSSH_9.6\r\n", close], HttpResponseError),
        "breaks in the status line": ([b"HTTP/1.1 2", reset], HttpResponseError),
        "closes in the head": ([chunked[:30], close], HttpResponseError),
        "closes in a chunk": ([chunked, chunk(body)[:half], close], IncompleteReadError),
        "resets in a chunk": ([chunked, chunk(body)[:half], reset], IncompleteReadError),
        "closes without the last chunk": ([chunked, chunk(body[:half]), close], IncompleteReadError),
        "too short for its length": ([head("Content-Length: 99999", **given), body[:half], close], IncompleteReadError),
        "bad framing": ([chunked, chunk(body[:half]), b"zz\r\n", stall], HttpResponseError),
        "bad framing at once": ([chunked + b"zz\r\n", stall], HttpResponseError),
        "bad framing after a chunk": ([chunked + chunk(body[:half]) + b"zz\r\n", stall], HttpResponseError),
        "a negative chunk": ([chunked, b"-5\r\n", stall], HttpResponseError),
        "an extension without end": ([chunked, b"5;", flood(b"x")], HttpResponseError),
        "trailers without end": ([chunked, b"0\r\n", flood(b"X: y\r\n")], HttpResponseError),
        "broken gzip": ([with_length(b"no gzip at all", "Content-Encoding: gzip", **given)], DecodeError),
        "gzip that breaks": (
            [with_length(zipped[:20] + b"\xff" * 40 + zipped[60:], "Content-Encoding: gzip", **given)],
            DecodeError,
        ),
        "gzip that ends early": ([with_length(zipped[:-20], "Content-Encoding: gzip", **given)], DecodeError),
        "broken deflate": ([with_length(b"\xff" * 50, "Content-Encoding: deflate", **given)], DecodeError),
        "HTML": ([with_length(b"<html>no</html>", content_type="text/html")], DecodeError),
        "nothing": ([with_length(b"", **given)], HttpResponseError),
        "204": ([head(status="204 No Content", **given)], HttpResponseError),
        "304": ([head(status="304 Not Modified", **given)], HttpResponseError),
        "101": ([head(status="101 Switching Protocols", **given), stall], AzureError),
    }


HARMLESS = {
    "trailers without end",  # whoever has the answer need not wait for them
    "nothing",
    "204",
    "304",
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", begun(b"", ""))
async def test_an_answer_that_has_begun_is_not_asked_for_again(quiet, world, operation, fault):
    answer, expected = begun(*body_for(operation))[fault]
    result, count = await attempt(world, operation, answer)
    assert count == 1
    if operation is send_request and not isinstance(result, AzureError):
        return
    check_error(operation, result, expected)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("end", [close, reset, stall])
async def test_an_answer_breaks_at_any_byte(quiet, world, operation, end):
    body, content_type = body_for(operation)
    whole = head("Transfer-Encoding: chunked", content_type=content_type) + chunk(body)
    step = 89 if end is stall else 13
    for cut in range(1, len(whole), step):
        result, count = await attempt(world, operation, [whole[:cut], end], read_timeout=0.05)
        assert count == 1, cut
        if operation is stream and result == TEXTS and result.error is None:
            continue  # [DONE] was there
        check_error(operation, result, AzureError)
