"""Retries: their number, order and delays. No test sleeps."""

import asyncio
from email.utils import formatdate
from time import time

import pytest
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.policies import AsyncRetryPolicy, RetryPolicy
from loopback import COMPLETION, Gate, Reply, json_reply
from transports import AsyncRecording, Recording

MESSAGES = [UserMessage("hi")]
DEFAULTS = {"retry_total": None}


@pytest.fixture
def transport(twin):
    return AsyncRecording() if twin.mode == "async" else Recording()


def refusal(status, **headers):
    return json_reply({"error": {"code": "c", "message": "m"}}, status, **headers)


def dropped():
    """A connection that breaks before the first byte of the response."""
    return Reply([], breaks=True, framing="none")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("stream", [False, True])
async def test_retried_status_codes(twin, service, transport, status, stream):
    service.reply(refusal(status), refusal(status))
    client = twin.chat(transport=transport, **DEFAULTS)
    answer = await client.complete(messages=MESSAGES, stream=stream)
    assert len(service.requests) == 3
    assert len({request.body for request in service.requests}) == 1
    assert [low <= seconds <= 2 * low for seconds, low in zip(transport.slept, [0.4, 0.8], strict=True)] == [True] * 2
    if stream:
        assert [text async for text in await answer.text_deltas()] == ["ok"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 501, 505])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}])
async def test_status_codes_that_are_not_retried(twin, service, transport, status, headers):
    service.reply(refusal(status, **headers))
    with pytest.raises(HttpResponseError):
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert len(service.requests) == 1
    assert transport.slept == []


async def test_at_most_three_retries(twin, inference_service):
    inference_service.fails(503, times=4)
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat(**inference_service, **DEFAULTS).complete(messages=MESSAGES)
    assert raised.value.status_code == 503
    assert [low <= s <= 2 * low for s, low in zip(inference_service.waits, [0.4, 0.8, 1.6], strict=True)] == [True] * 3


async def test_delays_have_jitter(twin, inference_service):
    for _ in range(4):
        inference_service.fails(503).answers("ok")
        await twin.chat(**inference_service, **DEFAULTS).complete(messages=MESSAGES)
    assert len(set(inference_service.waits)) > 1


@pytest.mark.parametrize(
    ("settings", "attempts", "slept"),
    [
        ({"retry_total": 0}, 1, []),
        ({"retry_total": 1}, 2, [(0.4, 0.8)]),
        ({"retry_status": 1}, 2, [(0.4, 0.8)]),
        ({"retry_backoff_factor": 10}, 4, [(5, 10), (10, 20), (20, 40)]),
        ({"retry_backoff_factor": 10, "retry_backoff_max": 12}, 4, [(5, 10), (6, 12), (6, 12)]),
        ({"retry_mode": "fixed"}, 4, [(0.4, 0.8)] * 3),
        ({"retry_backoff_factor": 0}, 4, [(0, 0)] * 3),
    ],
)
@pytest.mark.parametrize("per_call", [False, True])
@pytest.mark.azure_core((1, 33), "it ignores retry_backoff_max of a client")
async def test_keywords_of_azure_core(twin, inference_service, settings, attempts, slept, per_call):
    inference_service.fails(503, times=attempts)
    in_call = {key: value for key, value in settings.items() if per_call and key != "retry_mode"}
    client = twin.chat(**inference_service, **{**DEFAULTS, **settings} if not in_call else DEFAULTS)
    with pytest.raises(HttpResponseError):
        await client.complete(messages=MESSAGES, **in_call)
    found = zip(inference_service.waits, slept, strict=True)
    assert [low <= seconds <= high for seconds, (low, high) in found] == [True] * len(slept)


async def test_additional_status_codes(twin, inference_service):
    inference_service.fails(418).answers("ok")
    await twin.chat(**inference_service, retry_on_status_codes=[418], **DEFAULTS).complete(messages=MESSAGES)


async def test_a_retry_policy_of_the_user_replaces_ours(twin, inference_service):
    inference_service.fails(503)
    policy = AsyncRetryPolicy if twin.mode == "async" else RetryPolicy
    client = twin.chat(**inference_service, retry_policy=policy(retry_total=0), **DEFAULTS)
    with pytest.raises(HttpResponseError, match="503"):
        await client.complete(messages=MESSAGES)


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "0"}, 0, 0),
        ({"Retry-After": "0.5"}, 0.5, 0.5),
        ({"retry-after-ms": "250"}, 0.25, 0.25),
        ({"x-ms-retry-after-ms": "250"}, 0.25, 0.25),
        ({"Retry-After": "soon"}, 0.4, 0.8),
        ({"Retry-After": "120"}, 120, 120),
    ],
)
@pytest.mark.azure_core((1, 33), "it does not read fractions in Retry-After")
async def test_retry_after_in_seconds(twin, service, transport, headers, low, high):
    service.reply(refusal(429, **headers))
    await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    (seconds,) = transport.slept
    assert low <= seconds <= high


@pytest.mark.parametrize("offset", [60, -60])
async def test_retry_after_as_a_date(twin, service, transport, offset):
    before = time()
    until = int(before) + offset
    service.reply(refusal(429, **{"Retry-After": formatdate(until, usegmt=True)}))
    await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    (seconds,) = transport.slept
    assert max(0, until - time()) <= seconds <= max(0, until - before)


@pytest.mark.parametrize("headers", [{"Retry-After": "86400"}, {"retry-after-ms": "121000"}, {"Retry-After": "inf"}])
@pytest.mark.azure_core((1, 33), "it does not read fractions in Retry-After")
async def test_retry_after_beyond_the_maximum_raises_at_once(twin, service, transport, headers):
    service.reply(refusal(429, **headers))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert raised.value.status_code == 429
    assert transport.slept == []


@pytest.mark.parametrize("per_call", [False, True])
async def test_retry_after_max(twin, inference_service, per_call):
    inference_service.fails(429, retry_after=300).fails(429, retry_after=301)
    setting = {"retry_after_max": 300}
    client = twin.chat(**inference_service, **DEFAULTS, **{} if per_call else setting)
    with pytest.raises(HttpResponseError):
        await client.complete(messages=MESSAGES, **setting if per_call else {})
    assert inference_service.waits == [300]


async def test_a_connection_that_breaks_before_the_response_is_retried_at_once(twin, service, transport):
    service.reply(dropped(), dropped())
    await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert len(service.requests) == 3
    first, second = transport.slept
    assert first == 0
    assert 0.8 <= second <= 1.6


async def test_an_unreachable_service_is_retried(twin, service, transport):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert len(transport.slept) == 3


async def test_a_broken_response_body_is_not_retried(twin, service, transport):
    service.reply(Reply([b'{"id"'], content_type="application/json", breaks=True))
    with pytest.raises(HttpResponseError):
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert len(service.requests) == 1


async def test_a_broken_stream_is_not_retried(twin, service, transport):
    service.reply(Reply([b"data: {}\n\n"], breaks=True))
    stream = await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES, stream=True)
    with pytest.raises(IncompleteReadError):
        await anext(stream)
    assert len(service.requests) == 1


async def test_a_read_timeout_is_not_retried(twin, service, transport):
    gate = Gate()
    service.reply(Reply([gate], framing="none"))
    with pytest.raises(ServiceResponseTimeoutError):
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES, read_timeout=0.05)
    assert await asyncio.to_thread(service.was_asked)
    gate.open()
    assert len(service.requests) == 1
    assert transport.slept == []


async def test_a_delay_beyond_the_timeout_raises_at_once(twin, service, transport):
    service.reply(refusal(429, **{"Retry-After": "60"}), dropped(), dropped())
    client = twin.chat(transport=transport, **{**DEFAULTS, "retry_backoff_factor": 1000})
    with pytest.raises(HttpResponseError) as raised:
        await client.complete(messages=MESSAGES, timeout=50)
    assert raised.value.status_code == 429
    with pytest.raises(AzureError):
        await client.complete(messages=MESSAGES, timeout=50)
    assert transport.slept == [0]
    assert len(service.requests) == 3


async def test_authentication_errors_are_not_retried(twin, service, transport):
    service.reply(refusal(401, **{"WWW-Authenticate": "Bearer"}))
    with pytest.raises(ClientAuthenticationError):
        await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES)
    assert len(service.requests) == 1


async def test_retried_streams_release_their_connections(twin, service, transport):
    service.reply(*[refusal(503)] * 3)
    stream = await twin.chat(transport=transport, **DEFAULTS).complete(messages=MESSAGES, stream=True)
    assert [text async for text in await stream.text_deltas()] == ["ok"]
    await stream.close()
    assert service.connections <= 4


async def test_the_result_of_the_pipeline_knows_the_attempts(twin, inference_service):
    inference_service.fails(503).answers("ok")
    client = twin.chat(**inference_service, **DEFAULTS)
    history = await client.complete(messages=MESSAGES, cls=lambda sent, *_: sent.context["history"])
    assert [attempt.http_response.status_code for attempt in history] == [503]


async def test_the_connection_of_an_attempt_is_closed_before_the_next_one(twin, service, transport):
    gate, alone = Gate(), []

    def answer():
        gate.open()
        alone.append(service.has_open(1))
        return json_reply({**COMPLETION, "model": "second"})

    service.reply(Reply([b"{", gate], 503), answer)
    client = twin.chat(transport=transport, **DEFAULTS)
    stream = await client.complete(messages=MESSAGES, stream=True)
    assert (await stream.get_final_completion()).model == "second"
    assert alone == [True]
