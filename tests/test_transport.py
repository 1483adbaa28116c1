"""The environment, as the transports of both worlds read it: once, and for what it is good for."""

import base64
import sys

import aiohttp
import pytest
import requests
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest
from loopback import TIMEOUT, json_reply

MESSAGES = [{"role": "user", "content": "hi"}]
ELSEWHERE = "http://elsewhere.invalid"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture
def environment(monkeypatch):
    """Sets variables; those that matter here are not set otherwise."""
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


async def test_hosts_can_be_left_out(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    environment("NO_PROXY", "127.0.0.1")
    assert await ask(twin.chat()) == "ok"


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # requests speaks it
async def test_aiohttp_speaks_no_tls_with_proxies_of_the_environment(twin, environment):
    environment("HTTP_PROXY", "https://127.0.0.1:1")
    assert await ask(twin.chat()) == "ok"


async def test_a_proxy_of_the_caller_wins(twin, service, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(twin.chat(ELSEWHERE, proxies={"http": service.url})) == "ok"


async def test_the_environment_can_be_left_alone(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(twin.chat(use_env_settings=False)) == "ok"


async def test_a_session_of_the_caller_is_left_alone(twin, environment):
    environment("HTTP_PROXY", "http://127.0.0.1:1")
    session = aiohttp.ClientSession(auto_decompress=False) if twin.world == "async" else requests.Session()
    if twin.world == "async":
        assert await ask(twin.chat(session=session)) == "ok"
    else:  # it reads the environment by itself
        with pytest.raises(ServiceRequestError):
            await ask(twin.chat(session=session))


async def test_the_proxy_is_told_who_asks(twin, service, environment):
    environment("HTTP_PROXY", service.url.replace("//", "//user:pass@"))
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # requests asks .netrc for services only
async def test_netrc_knows_the_user_of_a_proxy(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login us@er password p:ss\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url)
    await ask(twin.chat(ELSEWHERE))
    assert service.request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"us@er:p:ss").decode()


@pytest.mark.parametrize("content", [None, "machine other login user password pass\n", "nonsense"])
async def test_netrc_need_not_know_it(twin, service, environment, tmp_path, content):
    if content is not None:
        (tmp_path / "netrc").write_text(content, encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    environment("HTTP_PROXY", service.url)
    await ask(twin.chat(ELSEWHERE))
    assert "proxy-authorization" not in service.request.headers


async def test_netrc_does_not_take_the_place_of_the_credential(twin, service, environment, tmp_path):
    (tmp_path / "netrc").write_text("default login user password pass\n", encoding="utf-8")
    environment("NETRC", str(tmp_path / "netrc"))
    await ask(twin.chat())
    assert service.request.headers["authorization"] == "Bearer key-1"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # aiohttp reads SSL_CERT_FILE when it is imported
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_certificates_of_the_environment_count(twin, service, environment, tmp_path, name):
    certificate = service.secure(tmp_path)
    with pytest.raises(ServiceRequestError, match="certificate"):
        await ask(twin.chat())
    environment(name, certificate)
    assert await ask(twin.chat()) == "ok"
    with pytest.raises(ServiceRequestError, match="certificate"):
        await ask(twin.chat(connection_verify=requests.certs.where()))


async def test_certificates_of_the_caller_count(twin, service, environment, tmp_path):
    certificate = service.secure(tmp_path)
    assert await ask(twin.chat(connection_verify=certificate)) == "ok"


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # azure-core does so itself, with aiohttp
async def test_a_large_body_is_kept_once(twin):
    response = await twin.chat().send_request(HttpRequest("GET", "/info"))
    assert response.internal_response.content is response.content


@pytest.mark.parametrize("twin", ["async"], indirect=True)  # sync clients take threads
async def test_calls_of_an_async_client_do_not_wait_for_each_other(twin, service):
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
