"""Closing, garbage collection and requests of clients."""

import asyncio
import gc
import importlib.util
import warnings

import azure.ai.inference.aio
import pytest
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.rest import HttpRequest
from conftest import AsyncAdapter
from loopback import DONE, TIMEOUT, Gate, json_reply, update

MESSAGES = [UserMessage("hi")]


def be_patient():
    """Disable the warnings of asyncio about slow callbacks in Python's development mode."""
    asyncio.get_running_loop().slow_callback_duration = TIMEOUT


async def test_client_is_a_context_manager(twin, service):
    made = twin.chat()
    async with made as client:
        assert client.raw is made.raw
        await client.complete(messages=MESSAGES)
    assert len(service.requests) == 1


async def test_closing_twice_is_fine(twin):
    client = twin.chat()
    await client.close()
    await client.complete(messages=MESSAGES)
    await client.close()
    await client.close()


async def test_send_request_goes_through_the_pipeline(twin, service):
    service.reply({"a": 1})
    response = await twin.chat(service.url + "/base").send_request(HttpRequest("GET", "/models?limit=2"))
    assert response.status_code == 200
    assert response.json() == {"a": 1}
    assert service.request.target == "/base/models?limit=2"
    assert service.request.headers["api-key"] == "key-1"


async def test_send_request_does_not_modify_the_request(twin, service):
    request = HttpRequest("GET", "/models", headers={"a": "b"})
    await twin.chat().send_request(request)
    assert request.url == "/models"
    assert dict(request.headers) == {"a": "b"}


async def test_send_request_does_not_raise_for_an_error_status(twin, service):
    service.reply(json_reply({}, 404))
    assert (await twin.chat().send_request(HttpRequest("GET", service.url + "/x"))).status_code == 404


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_garbage_collected_clients_do_not_warn(twin, service, caplog):
    be_patient()
    client = twin.sdk.ChatCompletionsClient(service.url, AzureKeyCredential("k"))
    await client.complete(messages=MESSAGES)
    del client
    gc.collect()
    assert await asyncio.to_thread(service.all_closed)
    assert caplog.text == ""


def test_clients_collected_after_their_event_loop_do_not_warn(service, caplog):
    async def use():
        be_patient()
        client = azure.ai.inference.aio.ChatCompletionsClient(service.url, AzureKeyCredential("k"))
        await client.complete(messages=MESSAGES)
        return client

    client = asyncio.run(use())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # from asyncio transports that were not closed by their loop
        del client
        gc.collect()
    assert caplog.text == ""


@pytest.mark.parametrize("stream", ["complete", "send_request"])
async def test_streams_work_after_their_client_is_collected(twin, service, stream):
    gate = Gate()
    service.stream(update("a"), gate, update(finish_reason="stop"), DONE)
    client = twin.sdk.ChatCompletionsClient(service.url, AzureKeyCredential("k"))
    if stream == "complete":
        call = client.complete(messages=MESSAGES, stream=True)
    else:
        call = client.send_request(HttpRequest("POST", "/x"), stream=True)
    answer = await call if twin.mode == "async" else call
    del client, call
    gc.collect()
    gate.open()
    if stream == "complete":
        assert len([item async for item in AsyncAdapter(answer)]) == 2
        await AsyncAdapter(answer).close()
    else:
        assert b"[DONE]" in (await answer.read() if twin.mode == "async" else answer.read())


def test_aio_without_aiohttp_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", {"aiohttp": None}.get)
    with pytest.raises(ImportError, match=r"pip install azure-ai-inference\[aio\]"):
        azure.ai.inference.aio.ChatCompletionsClient("https://example.com", AzureKeyCredential("k"))


async def test_send_request_passes_keywords_on(twin, service):
    def mark(request):
        request.http_request.headers["x-mark"] = "1"

    await twin.chat().send_request(HttpRequest("GET", "/info"), raw_request_hook=mark)
    assert service.request.headers["x-mark"] == "1"
