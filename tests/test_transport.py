"""Environment variables and .netrc, as the sync and async transports use them."""

import asyncio
import base64
import gc
import json
import sys
import threading
from types import SimpleNamespace

import aiohttp
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference._http import _session
from azure.ai.inference._http._byte_stream import ByteStream
from azure.ai.inference._http._byte_stream_async import AsyncByteStream
from azure.ai.inference._http._session import Adapter
from azure.ai.inference._http._transport import Transport
from azure.ai.inference._http._transport_async import Transport as AsyncTransport
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import HttpRequest as LegacyRequest
from azure.core.rest import HttpRequest
from conftest import KEY, AsyncAdapter
from loopback import INFO, TIMEOUT, json_reply

MESSAGES = [{"role": "user", "content": "hi"}]
ELSEWHERE = "http://elsewhere.invalid"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture
def environment(monkeypatch):
    """Sets environment variables, and unsets all others that matter here."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch.setenv


async def ask(client):
    return (await client.complete(messages=MESSAGES)).choices[0].message.content


async def test_requests_go_through_the_proxy_of_the_environment(twin, service, environment):
    environment("HTTP_PROXY", service.url)
    assert await ask(twin.chat(ELSEWHERE)) == "ok"
    assert service.request.headers["host"] == "elsewhere.invalid"


async def test_the_environment_is_read_once_for_each_host(twin, service, environment):
    environment("HTTP_PROXY", service.url)
    client = twin.chat(ELSEWHERE)
    await ask(client)
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(client) == "ok"


async def test_no_proxy_excludes_hosts(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    environment("NO_PROXY", "127.0.0.1")
    assert await ask(twin.chat()) == "ok"


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # requests supports it
async def test_aiohttp_ignores_https_proxies_of_the_environment(twin, environment):
    environment("HTTP_PROXY", "https://127.0.0.1:1")
    assert await ask(twin.chat()) == "ok"


async def test_a_proxy_of_the_caller_wins(twin, service, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(twin.chat(ELSEWHERE, proxies={"http": service.url})) == "ok"


async def test_use_env_settings_false_ignores_the_environment(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(twin.chat(use_env_settings=False)) == "ok"


async def test_a_session_of_the_caller_is_used_unchanged(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    session = aiohttp.ClientSession(auto_decompress=False) if twin.mode == "async" else requests.Session()
    if twin.mode == "async":
        assert await ask(twin.chat(session=session)) == "ok"
    else:  # requests reads the environment itself
        with pytest.raises(ServiceRequestError):
            await ask(twin.chat(session=session))


async def test_credentials_of_the_proxy_url_are_sent(twin, service, environment):
    environment("HTTP_PROXY", service.url.replace("//", "//user:pass@"))
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # requests uses .netrc for services only
async def test_netrc_credentials_of_a_proxy_are_sent(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login us@er password p:ss\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url)
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"us@er:p:ss").decode()


@pytest.mark.parametrize("content", [None, "machine other login user password pass\n", "nonsense"])
async def test_netrc_without_an_entry_for_the_proxy(twin, service, environment, tmp_path, content):
    if content is not None:
        (tmp_path / "netrc").write_text(content, encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url)
    await ask(twin.chat(ELSEWHERE))
    assert "proxy-authorization" not in service.request.headers


async def test_netrc_does_not_replace_the_credential(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("default login user password pass\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    await ask(twin.chat())
    assert service.request.headers["authorization"] == "Bearer key-1"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # aiohttp reads SSL_CERT_FILE when it is imported
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_ca_bundle_of_the_environment_is_used(twin, service, environment, tmp_path, name):
    certificate = service.secure(tmp_path)
    with pytest.raises(ServiceRequestError, match="certificate"):
        await ask(twin.chat())
    environment(name, certificate)
    assert await ask(twin.chat()) == "ok"
    with pytest.raises(ServiceRequestError, match="certificate"):
        await ask(twin.chat(connection_verify=requests.certs.where()))


async def test_ca_bundle_of_the_caller_is_used(twin, service, environment, tmp_path):
    certificate = service.secure(tmp_path)
    assert await ask(twin.chat(connection_verify=certificate)) == "ok"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # with aiohttp, azure-core does it itself
async def test_a_large_body_is_stored_once(twin):
    response = await twin.chat().send_request(HttpRequest("GET", "/info"))
    assert response.internal_response.content is response.content


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # sync clients need threads
async def test_async_calls_are_not_limited_by_the_pool(twin, service):
    import asyncio

    count = 120
    everyone = asyncio.Event()
    loop = asyncio.get_running_loop()

    def answer():
        if len(service.requests) == count:
            loop.call_soon_threadsafe(everyone.set)
        asyncio.run_coroutine_threadsafe(everyone.wait(), loop).result(TIMEOUT)
        return json_reply({"id": "c1", "choices": [], "created": 0, "model": "m"})

    service.reply(*[answer] * count)
    client = twin.chat()
    await asyncio.wait_for(asyncio.gather(*(client.complete(messages=MESSAGES) for _ in range(count))), TIMEOUT)
    assert service.connections == count


@pytest.mark.parametrize("is_owner", [True, False])
async def test_a_session_of_the_caller_is_closed_by_its_owner(twin, service, is_owner):
    session = aiohttp.ClientSession(auto_decompress=False) if twin.mode == "async" else requests.Session()
    client = twin.chat(session=session, session_owner=is_owner)
    await ask(client)
    await client.close()
    if is_owner:
        assert await asyncio.to_thread(service.all_closed)
        return
    assert await ask(client) == "ok"
    assert service.connections == 1
    await AsyncAdapter(session).close()


async def test_a_closed_client_sends_nothing(twin, service):
    client = twin.chat()
    await ask(client)
    await client.close()
    with pytest.raises(ValueError, match="closed"):
        await ask(client)
    assert len(service.requests) == 1


async def test_requests_of_the_older_kind_are_sent_too(twin, service):
    pipeline = AsyncAdapter(twin.chat().raw._client._pipeline)
    response = (await pipeline.run(LegacyRequest("GET", f"{service.url}/info"))).http_response
    assert json.loads(response.text()) == INFO
    assert json.loads(response.body()) == INFO


@pytest.mark.parametrize("cls", [Transport, AsyncTransport, ByteStream, AsyncByteStream])
def test_half_of_a_copy_that_failed_makes_no_noise(cls, monkeypatch):
    noise = []
    monkeypatch.setattr(sys, "unraisablehook", noise.append)
    half = cls.__new__(cls)
    del half
    assert noise == []


def test_pools_of_socks_proxies_are_left_alone(monkeypatch):
    pools = {"http": object()}
    manager = SimpleNamespace(pool_classes_by_scheme=pools)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "proxy_manager_for", lambda *args, **kwargs: manager)
    assert Adapter().proxy_manager_for("socks5://localhost").pool_classes_by_scheme is pools
    assert Adapter().proxy_manager_for("http://localhost").pool_classes_by_scheme is not pools


async def test_an_async_client_serves_event_loops_of_several_threads(service):
    """The other loop goes on to run while this one closes the client, and with it the connections of both."""
    client = AsyncChatCompletionsClient(service.url, KEY, retry_total=0)
    asked, stop = threading.Event(), threading.Event()

    async def elsewhere():
        await client.complete(messages=MESSAGES)
        asked.set()
        await asyncio.to_thread(stop.wait, TIMEOUT)

    thread = threading.Thread(target=lambda: asyncio.run(elsewhere()))
    thread.start()
    await asyncio.to_thread(asked.wait, TIMEOUT)
    await client.complete(messages=MESSAGES)
    await client.close()
    closed = await asyncio.to_thread(service.all_closed)
    stop.set()
    await asyncio.to_thread(thread.join)
    assert closed
    assert len(service.requests) == 2


def test_a_client_that_is_dropped_outside_of_its_event_loop_closes_its_connections(service):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    client = AsyncChatCompletionsClient(service.url, KEY, retry_total=0)
    asyncio.run_coroutine_threadsafe(client.complete(messages=MESSAGES), loop).result(TIMEOUT)
    del client
    gc.collect()
    assert service.all_closed()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.mark.parametrize(
    ("reported", "cause", "raised"),
    [
        (ServiceResponseError, requests.ReadTimeout("late"), ServiceResponseTimeoutError),
        (ServiceResponseError, asyncio.TimeoutError("late"), ServiceResponseTimeoutError),
        (ServiceRequestError, aiohttp.ClientPayloadError("cut"), IncompleteReadError),
        (ServiceRequestTimeoutError, requests.ConnectTimeout("late"), ServiceRequestTimeoutError),
    ],
)
async def test_errors_of_older_versions_of_azure_core_are_told_apart(twin, monkeypatch, reported, cause, raised):
    """azure-core before 1.33 has other classes for timeouts and for bodies that break off."""
    attempts = []

    def fail(*args, **kwargs):
        attempts.append(1)
        raise reported(cause, error=cause)

    client = twin.chat(retry_total=2, retry_backoff_factor=0)
    monkeypatch.setattr(client.raw._client._pipeline._transport, "send", fail)
    with pytest.raises(raised) as caught:
        await client.complete(messages=MESSAGES)
    assert type(caught.value) is raised
    assert len(attempts) == (1 if raised is not reported else 3)


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # aiohttp has no session that reads the environment by itself
async def test_a_session_of_the_caller_that_leaves_the_environment_alone_does_so(twin, service, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    session = requests.Session()
    session.trust_env = False
    assert await ask(twin.chat(session=session)) == "ok"


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # requests asks .netrc for services only
async def test_the_user_in_the_url_of_a_proxy_wins_over_netrc(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url.replace("//", "//user:pass@"))
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the module netrc wants a password before Python 3.11")
@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_netrc_may_know_no_password(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url)
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:").decode()


@pytest.mark.parametrize("status", [200, 400])
async def test_a_session_of_the_caller_streams_without_our_connections(twin, service, status):
    session = aiohttp.ClientSession() if twin.mode == "async" else requests.Session()
    client = twin.chat(session=session, timeout=TIMEOUT, connection_timeout=TIMEOUT)
    if status == 400:
        service.reply(json_reply({}, 400))
        with pytest.raises(HttpResponseError):
            await client.complete(messages=MESSAGES, stream=True)
    else:
        stream = await client.complete(messages=MESSAGES, stream=True)
        assert [text async for text in await stream.text_deltas()] == ["ok"]
        await stream.close()


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
async def test_both_timeouts_in_the_form_of_requests(twin, service):
    assert await twin.chat(timeout=TIMEOUT, connection_timeout=(TIMEOUT, TIMEOUT)).complete(messages=MESSAGES)


def test_a_session_forgets_what_it_remembers_of_too_many_urls(service, monkeypatch):
    monkeypatch.setattr(_session, "_URLS", 2)
    chat = ChatCompletionsClient(service.url, KEY, retry_total=0)
    for number in range(5):
        assert chat.send_request(HttpRequest("GET", f"/info?number={number}")).json() == INFO
    assert len(chat._client._pipeline._transport.session._urls) <= 2
    chat.close()


def test_the_user_in_the_url_of_an_endpoint_is_sent_as_requests_does(service):
    endpoint = service.url.replace("//", "//user:secret@")
    chat = ChatCompletionsClient(endpoint, "", retry_total=0)
    chat.complete(messages=MESSAGES)
    assert service.requests[0].headers["authorization"] == "Basic dXNlcjpzZWNyZXQ="
    chat.close()
