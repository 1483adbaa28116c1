"""The life of a client."""

import sys

import azure.ai.inference.aio
import pytest
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.rest import HttpRequest
from loopback import json_reply

MESSAGES = [UserMessage("hi")]


async def test_client_is_a_context_manager(twin, service):
    async with twin.chat() as client:
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


async def test_send_request_leaves_the_request_as_it_is(twin, service):
    request = HttpRequest("GET", "/models", headers={"a": "b"})
    await twin.chat().send_request(request)
    assert request.url == "/models"
    assert dict(request.headers) == {"a": "b"}


async def test_send_request_does_not_judge(twin, service):
    service.reply(json_reply({}, 404))
    assert (await twin.chat().send_request(HttpRequest("GET", service.url + "/x"))).status_code == 404


def test_aio_without_aiohttp_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "azure.core.pipeline.transport._aiohttp", None)
    with pytest.raises(ImportError, match=r"pip install azure-ai-inference\[aio\]"):
        azure.ai.inference.aio.ChatCompletionsClient("https://example.com", AzureKeyCredential("k"))
