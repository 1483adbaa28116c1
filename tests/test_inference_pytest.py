"""The pytest plugin: its fixtures, and that it costs nothing where they are not used."""

import asyncio
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import aiohttp
import pytest
import requests
from azure.ai.inference.testing import NetworkError, ScriptError, no_network
from azure.ai.inference_pytest import checked_service
from azure.core.credentials import AccessToken
from azure.core.rest import HttpRequest
from conftest import KEY
from transports import other_transport

PLUGIN = "azure.ai.inference_pytest"
MESSAGES = [{"role": "user", "content": "hi"}]
TESTS = """
import pytest

def test_it_is_loaded(inference_service):
    inference_service.answers("Hello!")
    client = inference_service.chat_client()
    assert client.complete(messages=[{"role": "user", "content": "hi"}]).choices[0].message.content == "Hello!"

def test_unread(inference_service):
    inference_service.answers("Hello!")

def test_failed(inference_service):
    inference_service.answers("Hello!")
    inference_service.embeddings_client().embed(input=["a"])

def test_network(no_inference_network):
    from azure.ai.inference import ChatCompletionsClient
    from azure.core.credentials import AzureKeyCredential
    ChatCompletionsClient("https://host.test", AzureKeyCredential("key")).complete(messages=[])
"""
LOADED = """
import json, sys

def pytest_sessionfinish():
    names = [name for name in sys.modules if name.startswith("azure.")]
    print("loaded:", json.dumps(sorted(names)))
"""


def run(folder, tests, *arguments):
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    (folder / "conftest.py").write_text(LOADED, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:randomly", "-p", "no:asyncio", "-q", "-rA"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_fixtures_fail_tests_in_words(tmp_path):
    output = run(tmp_path, TESTS)
    assert "2 failed, 2 passed, 1 error" in output  # what failed is not reported a second time
    assert "These replies of the script were not used: answers('Hello!')" in output
    assert "The next reply is answers('Hello!'), which is for complete() without stream=True." in output
    assert "POST https://host.test/chat/completions?api-version=" in output


@pytest.mark.parametrize("fails", [False, True])
def test_the_script_of_a_test_that_failed_is_not_checked(fails):
    session = SimpleNamespace(testsfailed=3)
    services = checked_service(session)
    next(services).answers("Hello!")
    session.testsfailed += fails
    with pytest.raises(StopIteration if fails else ScriptError):
        next(services)


def test_the_plugin_imports_nothing_before_a_fixture_is_used(tmp_path):
    output = run(tmp_path, "def test_it(): pass", "-s")
    assert json.loads(re.search("loaded: (.*)", output)[1]) == ["azure.ai", PLUGIN]


@pytest.mark.parametrize("operation", ["complete", "embed", "embed_images"])
async def test_clients_do_not_reach_the_network(twin, service, no_inference_network, operation):
    with pytest.raises(NetworkError, match=f"would have sent POST {service.url}/[a-z/]+.*SomeClient") as caught:
        await twin.call(operation)
    assert KEY.key not in str(caught.value)
    assert service.connections == 0


@pytest.mark.parametrize("endpoint", ["https://host.test", "http://127.0.0.1:1"])
async def test_it_is_no_error_that_is_retried(twin, no_inference_network, endpoint):
    with pytest.raises(NetworkError):
        await twin.chat(endpoint, retry_total=3).complete(messages=MESSAGES, stream=True)


async def test_clients_with_transports_of_the_user_do_not_reach_it_either(twin, service, no_inference_network):
    with pytest.raises(NetworkError):
        await twin.chat(transport=other_transport(twin)).complete(messages=MESSAGES)
    assert service.connections == 0


async def test_connections_that_were_kept_are_not_used(twin, service):
    chat = twin.chat()
    await chat.complete(messages=MESSAGES)
    with no_network():
        with pytest.raises(NetworkError):
            await chat.complete(messages=MESSAGES)
        with pytest.raises(NetworkError, match="GET /a"):
            await chat.send_request(HttpRequest("GET", "/a"))
    await chat.complete(messages=MESSAGES)
    assert len(service.requests) == 2


class Credential:
    """A credential that gets its tokens from the network."""

    def __init__(self, url):
        self._url = url

    def get_token(self, *scopes, **options):
        return AccessToken(requests.get(self._url, timeout=9).text, 0)


async def test_tokens_of_a_call_are_not_requested(service, no_inference_network):
    from azure.ai.inference import ChatCompletionsClient

    client = ChatCompletionsClient("https://host.test", Credential(service.url))
    with pytest.raises(NetworkError):
        client.complete(messages=MESSAGES)


async def test_other_libraries_are_not_hindered(service, no_inference_network):
    assert (await asyncio.to_thread(requests.get, service.url, timeout=60)).status_code == 200
    async with aiohttp.ClientSession() as session, session.get(service.url) as response:
        assert response.status == 200


async def test_the_fake_service_works(twin, inference_service, no_inference_network):
    inference_service.answers("Hello!")
    answer = await twin.chat(**inference_service).complete(messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello!"


def test_without_aiohttp_the_sync_clients_are_blocked(monkeypatch):
    from azure.ai.inference import ChatCompletionsClient

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with no_network(), pytest.raises(NetworkError):
        ChatCompletionsClient("https://host.test", KEY).complete(messages=MESSAGES)
