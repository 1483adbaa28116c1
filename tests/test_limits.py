"""Limits of a call: timeouts in every form, retries by number, redirects, certificates, memory."""

import asyncio
import gzip
import logging
import tracemalloc
from types import SimpleNamespace

import pytest
from azure.ai.inference._http._redirect import AsyncRedirectPolicy, RedirectPolicy
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineContext, PipelineResponse
from azure.core.rest import HttpRequest
from faults import Faults, bomb, chunk, drip, flood, head, redirect, stall, with_length
from loopback import COMPLETION, DONE, Gate, Reply, event, json_reply, update
from transports import AsyncRecording, Recording

MESSAGES = [{"role": "user", "content": "hi"}]
SHORT = 0.1
"""Seconds that a call may take where the service says nothing more until the client has gone."""
MB = 1 << 20
EVENTS = head("Transfer-Encoding: chunked", content_type="text/event-stream")


@pytest.fixture
def faults():
    """Makes services that end with the test; then no connection may be open."""
    made = []

    def make(*answers):
        made.append(Faults(*answers))
        return made[-1]

    yield make
    for service in made:
        service.stop()
        assert not service.hung


async def read_all(client, *, stream, **settings):
    answer = await client.complete(messages=MESSAGES, stream=stream, **settings)
    return [item async for item in answer] if stream else answer


@pytest.mark.parametrize(
    "settings",
    [
        {"timeout": None},
        {"timeout": 60, "read_timeout": None},
        {"timeout": 60, "connection_timeout": None},
        {"timeout": 60, "read_timeout": None, "connection_timeout": None},
        {"read_timeout": None},
        {"connection_timeout": None},
        {"retry_total": None},
        {"retry_connect": None, "retry_read": None, "retry_status": None},
    ],
)
@pytest.mark.parametrize("per_call", [False, True])
async def test_none_is_no_limit_or_the_default(twin, settings, per_call):
    client = twin.chat(**{} if per_call else settings)
    assert await client.complete(messages=MESSAGES, **settings if per_call else {}) == COMPLETION


@pytest.mark.parametrize("per_call", [False, True])
async def test_retry_total_allows_as_many_of_each_kind(twin, service, per_call):
    service.reply(*[json_reply({}, 503)] * 6)
    transport = AsyncRecording() if twin.mode == "async" else Recording()
    setting = {"retry_total": 6}
    client = twin.chat(transport=transport, **{} if per_call else setting)
    assert await client.complete(messages=MESSAGES, **setting if per_call else {}) == COMPLETION
    assert len(service.requests) == 7


async def test_a_retry_is_one_line_with_its_reason(twin, service, caplog):
    service.reply(json_reply({}, 503, **{"Retry-After": "0"}))
    with caplog.at_level(logging.INFO, "azure.ai.inference"):
        await twin.chat(retry_total=2).complete(messages=MESSAGES)
    (line,) = [record for record in caplog.records if record.name.startswith("azure.ai.inference")]
    assert line.levelno == logging.INFO
    assert line.getMessage() == f"Retry 1 of POST {service.url}/chat/completions in 0.0 s: status 503"


@pytest.mark.parametrize("per_call", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_timeout_goes_on_across_a_redirect(twin, faults, per_call, stream):
    service = faults([redirect("/x")], [stall])
    setting = {"timeout": 0.5}
    with pytest.raises((ServiceRequestTimeoutError, ServiceResponseTimeoutError)):
        await read_all(
            twin.chat(service.url, **{} if per_call else setting), stream=stream, **setting if per_call else {}
        )


@pytest.mark.parametrize("steps", [[b"{", stall], [drip(b" ")]], ids=["stall", "drip"])
@pytest.mark.parametrize("limit", ["timeout", "read_timeout"])
@pytest.mark.parametrize("stream", [False, True])
async def test_the_body_of_an_error_is_bounded_and_its_status_is_told(twin, faults, limit, steps, stream):
    service = faults([head("Content-Length: 999", status="400 Bad Request"), *steps])
    with pytest.raises(AzureError):
        await read_all(twin.chat(service.url, **{limit: SHORT}), stream=stream)
    assert len(service.requests) <= 1  # on a busy machine, `timeout` may end before the request is sent


@pytest.mark.parametrize("limit", ["timeout", "read_timeout"])
@pytest.mark.parametrize(
    "steps",
    [
        [drip(b"HTTP/1.1 100 Continue\r\n\r\n")],
        [b"HTTP/1.1 200 OK\r\n", drip(b"X: a\r\n")],
        [b"HTTP/1.1 200 OK\r\nX: ", drip(b"a")],
    ],
    ids=["100", "headers", "a header"],
)
async def test_drips_in_the_head_do_not_begin_the_wait_again(twin, faults, limit, steps):
    service = faults(steps)
    with pytest.raises(AzureError):
        await read_all(twin.chat(service.url, **{limit: SHORT}), stream=False)
    assert len(service.requests) <= 1  # on a busy machine, `timeout` may end before the request is sent


@pytest.mark.parametrize("piece", [b"0\r\nX: ", b"5;", b"5\r\n"], ids=["trailer", "extension", "chunk"])
async def test_timeout_bounds_drips_in_the_body(twin, faults, piece):
    service = faults([head("Transfer-Encoding: chunked"), chunk(b"{"), piece, drip(b"a")])
    with pytest.raises(AzureError):
        await read_all(twin.chat(service.url, timeout=SHORT), stream=False)


@pytest.mark.parametrize("policy", [RedirectPolicy, AsyncRedirectPolicy])
def test_a_redirect_from_https_to_http_is_refused(policy):
    request = HttpRequest("POST", "https://service.test/x", headers={"api-key": "k"})
    answer = SimpleNamespace(reason="Temporary Redirect", headers={}, status_code=307, text=lambda: "")
    response = PipelineResponse(request, answer, PipelineContext(None))
    answer.request = request
    settings = policy().configure_redirects({})
    with pytest.raises(HttpResponseError, match="from https to http"):
        policy().increment(settings, response, "http://service.test/x")
    assert policy().increment(settings, response, "https://service.test/y")


async def test_certificates_are_not_tried_again(twin, service, tmp_path):
    service.secure(tmp_path)
    transport = AsyncRecording() if twin.mode == "async" else Recording()
    with pytest.raises(ServiceRequestError, match="certificate"):
        await twin.chat(transport=transport, retry_total=3).complete(messages=MESSAGES)
    assert transport.slept == []


async def test_an_error_body_is_read_up_to_a_megabyte(twin, faults):
    service = faults([with_length(b"x" * 3 * MB, status="400 Bad Request", content_type="text/plain")])
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat(service.url).complete(messages=MESSAGES)
    assert MB <= len(raised.value.response.text()) < 2 * MB


def peak_of(limit):
    return tracemalloc.get_traced_memory()[1] / limit


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
async def test_a_bomb_takes_no_more_than_three_times_the_limit(twin, faults, traced, stream, status):
    limit = 4 * MB
    service = faults([with_length(bomb(64 * MB), "Content-Encoding: gzip", status=status)])
    tracemalloc.reset_peak()
    with pytest.raises(HttpResponseError, match=f"max_body_bytes={limit}" if status[0] == "2" else "400"):
        await read_all(twin.chat(service.url, max_body_bytes=limit), stream=stream)
    assert peak_of(limit) < 3


@pytest.mark.parametrize(
    ("content_type", "begin"), [("text/event-stream", b"data: "), ("application/json", b'{"choices": "')]
)
async def test_an_event_that_never_ends_takes_no_more_than_three_times_the_limit(
    twin, faults, traced, content_type, begin
):
    limit = 4 * MB
    whole = head("Transfer-Encoding: chunked", content_type=content_type) + b"ffffffff\r\n" + begin
    service = faults([whole, flood(b"x")])
    tracemalloc.reset_peak()
    with pytest.raises(HttpResponseError, match=f"max_event_bytes={limit}"):
        await read_all(twin.chat(service.url, max_event_bytes=limit), stream=True)
    assert peak_of(limit) < 3


async def test_events_within_the_limit_come_before_the_error(twin, faults):
    long = event(update("x" * 3000))
    service = faults([EVENTS, chunk(event(update("a"))), chunk(long), chunk(b"data: "), flood(chunk(b"y" * 100))])
    stream = await twin.chat(service.url, max_event_bytes=5000).complete(messages=MESSAGES, stream=True)
    found = [(await anext(stream)).choices[0].delta.content for _ in range(2)]
    assert found == ["a", "x" * 3000]
    with pytest.raises(HttpResponseError, match="max_event_bytes=5000"):
        await anext(stream)
    with pytest.raises(HttpResponseError, match="max_event_bytes=5000"):
        await stream.get_final_completion()


@pytest.mark.parametrize("framing", ["chunked", "length", "gzip"])
async def test_a_body_costs_no_more_than_twice_its_size(twin, faults, traced, framing):
    """What it is parsed to comes on top: what JSON decoders reserve, they do not use."""
    body = b"x" * 8 * MB
    framings = {
        "chunked": [head("Transfer-Encoding: chunked"), chunk(body), b"0\r\n\r\n"],
        "length": [with_length(body)],
        "gzip": [with_length(gzip.compress(body), "Content-Encoding: gzip")],
    }
    client = twin.chat(faults(framings[framing]).url)
    await client.send_request(HttpRequest("GET", "/x"))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    await client.send_request(HttpRequest("GET", "/x"))
    assert (tracemalloc.get_traced_memory()[1] - before) / len(body) < 2.5


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("read", ["read", "iter_bytes", "iter_raw"])
async def test_a_user_reads_a_response_within_the_same_limits(twin, service, compressed, read):
    body = b"abc" * 1000
    sent = gzip.compress(body) if compressed else body
    service.reply(Reply([sent], headers={"Content-Encoding": "gzip"} if compressed else {}, framing="length"))
    response = await send(twin, HttpRequest("GET", "/x"))
    found = getattr(response, read)()
    if hasattr(found, "__aiter__"):
        found = b"".join([piece async for piece in found])
    elif not isinstance(found, bytes):
        found = b"".join(found) if twin.mode == "sync" else await found
    assert found == (sent if read == "iter_raw" else body)


async def send(twin, request):
    answer = twin.chat().raw.send_request(request, stream=True)
    return await answer if twin.mode == "async" else answer


async def test_only_what_every_installation_can_decompress_is_accepted(twin, service):
    await twin.chat().complete(messages=MESSAGES)
    assert service.request.headers["accept-encoding"] == "gzip, deflate"


async def test_sockets_of_a_closed_client_are_closed_while_an_exception_lives(twin, service):
    service.reply(json_reply({}, 400))
    client = twin.chat()
    with pytest.raises(AzureError) as raised:
        await client.complete(messages=MESSAGES)
    await client.close()
    assert await asyncio.to_thread(service.all_closed)
    assert raised.value


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_closing_an_async_client_ends_the_reads_of_other_tasks(twin, service):
    gate = Gate()
    service.reply(Reply([event(update("a")), gate]))
    client = twin.chat()
    stream = await client.complete(messages=MESSAGES, stream=True)
    await anext(stream)
    reading = asyncio.ensure_future(anext(stream.raw))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(AzureError, match="Connection closed"):
        await reading
    gate.open()


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
async def test_closing_a_sync_client_lets_the_reads_of_other_threads_end(twin, service):
    gate = Gate()
    service.reply(Reply([event(update("a")), gate, event(update("b", "stop")), DONE]))
    client = twin.chat()
    stream = await client.complete(messages=MESSAGES, stream=True)
    await anext(stream)
    reading = asyncio.ensure_future(asyncio.to_thread(list, stream.raw))
    await client.close()
    gate.open()
    assert [item.choices[0].delta.content for item in await reading] == ["b"]
