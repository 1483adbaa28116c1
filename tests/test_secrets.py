"""Keys and tokens are not in logs, messages or representations, and are not sent to other hosts."""

import copy
import json
import logging
import pickle
import traceback
from collections import ChainMap
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import azure.ai.inference
import loopback
import pytest
from azure.ai.inference._body import read_answer
from azure.ai.inference._http._secrets import hide_secrets
from azure.ai.inference.models import ChatCompletions
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import HeadersPolicy
from azure.core.rest import HttpRequest
from credentials import token_credential
from loopback import Reply, json_reply

SECRET = "s3cr3t-0123456789"
PAYLOAD = "hi"
PACKAGE = str(Path(azure.ai.inference.__file__).parent)
OPERATIONS = ("complete", "embed", "embed_images")
SECRET_NAMES = (
    *("Ocp-Apim-Subscription-Key", "x-api-key", "X-Auth-Token", "Client-Secret", "X-Password", "Proxy-Authorization"),
    *("Cookie", "x-ms-authorization-auxiliary", "My-KEY-of-today"),
)
MESSAGES = [{"role": "user", "content": "the prompt"}]
COOKIE = {"Set-Cookie": f"session={SECRET}"}
REFUSED = json_reply({"error": {"code": "401", "message": "Key rejected"}}, 401)


@pytest.fixture
def elsewhere():
    """Another host."""
    service = loopback.serve()
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def everything(caplog):
    """The messages of all loggers at all levels."""
    caplog.set_level(logging.DEBUG)
    for name in ("azure", "azure.core.pipeline.policies.http_logging_policy", "urllib3", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


def credential_of(auth, twin):
    if auth == "key":
        return AzureKeyCredential(SECRET)
    credential = token_credential(twin)
    token = AccessToken(SECRET, 2**40)
    if twin.mode == "async":

        async def get_token(*scopes, **kwargs):
            return token

    else:

        def get_token(*scopes, **kwargs):
            return token

    credential.get_token = get_token
    return credential


def spoken(caplog):
    return "\n".join([caplog.text, *(repr(record.args) for record in caplog.records)])


@pytest.mark.parametrize("auth", ["key", "token"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("outcome", ["success", "failure", "redirect", "broken"])
@pytest.mark.parametrize("logging_enable", [False, True])
async def test_logs_contain_no_secret(twin, service, elsewhere, everything, auth, operation, outcome, logging_enable):
    if outcome == "failure":
        service.reply(REFUSED)
    elif outcome == "redirect":
        service.reply(Reply([], 307, headers={"Location": f"{elsewhere.url}/there"}, framing="length"))
    elif outcome == "broken":
        service.reply(Reply([], framing="none", breaks=True))
    settings = {"credential": credential_of(auth, twin), "logging_enable": logging_enable}
    try:
        await twin.call(operation, **settings)
    except AzureError as error:
        for text in (str(error), repr(error), "".join(traceback.format_exception(error))):
            assert SECRET not in text
    said = spoken(everything)
    assert SECRET not in said
    assert SECRET in str(service.requests[0].headers)
    assert "/chat/completions" in said or "/embeddings" in said
    if not logging_enable:
        assert '"content": "hi"' not in said
    elif operation == "complete":
        assert '"content": "hi"' in said
        assert "REDACTED" in said


@pytest.mark.parametrize("auth", ["key", "token"])
async def test_secrets_are_not_sent_to_other_hosts(twin, service, elsewhere, auth):
    service.reply(Reply([], 307, headers={"Location": f"{elsewhere.url}/chat/completions"}, framing="length"))
    await twin.call("complete", credential=credential_of(auth, twin))
    assert elsewhere.request.json == service.request.json
    assert "authorization" not in elsewhere.request.headers
    assert "api-key" not in elsewhere.request.headers
    assert SECRET not in str(elsewhere.request.headers)


async def test_secrets_are_sent_again_to_the_same_host(twin, service):
    service.reply(Reply([], 307, headers={"Location": f"{service.url}/there/chat/completions"}, framing="length"))
    await twin.call("complete", credential=AzureKeyCredential(SECRET))
    assert [request.headers["api-key"] for request in service.requests] == [SECRET] * 2


async def test_logging_does_not_change_the_headers_that_are_sent(twin, service, everything):
    await twin.call(
        "complete", logging_enable=True, headers={"AUTHORIZATION": "Custom x"}, credential=AzureKeyCredential(SECRET)
    )
    assert service.request.headers["authorization"] == "Custom x"
    assert service.request.headers["api-key"] == SECRET


async def test_repr_contains_no_secret(twin):
    client = twin.chat(credential=AzureKeyCredential(SECRET), headers={"api-key": SECRET})
    for value in (client.raw, client.raw._config, client.raw._client, client.raw._config.authentication_policy):
        assert SECRET not in repr(value)
        assert SECRET not in str(value)


async def test_tracebacks_contain_no_secret(twin, service):
    service.reply(REFUSED)
    with pytest.raises(AzureError) as raised:
        await twin.call("complete", credential=AzureKeyCredential(SECRET))
    frames = traceback.TracebackException.from_exception(raised.value, capture_locals=True).stack
    ours = [frame for frame in frames if frame.filename.startswith(PACKAGE)]
    assert ours
    assert SECRET not in str([frame.locals for frame in ours])


async def ask(twin, *, asked_by=None, headers=None, **settings):
    """Make a call that is logged as a whole, if the client or the call asks for it."""
    in_client = {"logging_enable": True} if asked_by == "client" else {}
    in_call = {"logging_enable": True} if asked_by == "call" else {}
    client = twin.chat(credential=AzureKeyCredential(SECRET), **in_client, **settings)
    return await client.complete(messages=MESSAGES, headers=headers, **in_call)


def of_azure(caplog, words):
    return [r.getMessage() for r in caplog.records if r.name.startswith("azure") and words in r.getMessage()]


@pytest.mark.parametrize("asked_by", [None, "client", "call"])
async def test_no_log_holds_a_header_that_looks_like_a_secret(twin, service, everything, asked_by):
    headers = dict.fromkeys(SECRET_NAMES, SECRET)
    service.reply(json_reply(loopback.COMPLETION, **COOKIE))
    await ask(twin, asked_by=asked_by, headers=headers)
    assert [service.request.headers[name.lower()] for name in headers] == [SECRET] * len(headers)
    assert SECRET not in spoken(everything)
    assert ("the prompt" in spoken(everything)) == bool(asked_by)


@pytest.mark.parametrize("asked_by", ["client", "call"])
async def test_no_log_holds_a_secret_of_the_url(twin, service, everything, asked_by):
    await ask(twin, asked_by=asked_by, endpoint=f"{service.url}/v1?Subscription-Key={SECRET}&sig={SECRET}&deployment=d")
    assert f"Subscription-Key={SECRET}&sig={SECRET}&deployment=d" in service.request.target
    (said,) = of_azure(everything, "Request URL")
    assert "Subscription-Key=REDACTED&sig=REDACTED&deployment=d'" in said


@pytest.mark.parametrize("asked_by", [None, "client", "call"])
async def test_ids_and_rate_limits_are_in_the_log(twin, service, everything, asked_by):
    shown = {
        "apim-request-id": "id-1",
        "x-request-id": "id-2",
        "x-ratelimit-remaining-tokens": "id-3",
        "x-ratelimit-limit-requests": "id-4",
        "retry-after-ms": "id-5",
    }
    service.reply(json_reply(loopback.COMPLETION, **shown))
    await ask(twin, asked_by=asked_by)
    (said,) = of_azure(everything, "Response status")
    assert all(f"'{name}': '{value}'" in said.lower() for name, value in shown.items())


@pytest.mark.parametrize("asked_by", [None, "client", "call"])
async def test_a_request_is_logged_once(twin, everything, asked_by):
    await ask(twin, asked_by=asked_by)
    for words in ("Request URL", "Response status"):
        assert len(of_azure(everything, words)) == 1


async def test_the_head_is_logged_where_the_whole_is_not_wanted(twin, caplog):
    caplog.set_level(logging.INFO, "azure")
    await ask(twin, asked_by="call")
    (said,) = of_azure(caplog, "Request URL")
    assert "the prompt" not in said


@pytest.mark.parametrize("given_to", ["client", "call"])
async def test_a_logger_of_the_user_hears_of_a_request_that_is_logged_as_a_whole(twin, everything, given_to):
    own = {"logger": logging.getLogger("own")}
    everything.set_level(logging.INFO, "own")
    client = twin.chat(logging_enable=True, **(own if given_to == "client" else {}))
    await client.complete(messages=MESSAGES, **(own if given_to == "call" else {}))
    heard = [record.getMessage() for record in everything.records if record.name == "own"]
    assert [said.split(":")[0] for said in heard] == ["Request URL", "Response status"]
    assert "the prompt" not in str(heard)


async def test_each_attempt_is_logged_where_the_call_asks_for_it(twin, service, everything):
    service.reply(json_reply({}, 503))
    await ask(twin, asked_by="call", retry_total=1, retry_backoff_factor=0)
    for words in ("Request URL", "Response status"):
        assert len(of_azure(everything, words)) == 2
    assert SECRET not in spoken(everything)


@pytest.mark.parametrize("target", ["elsewhere", "there"])
async def test_no_other_host_gets_a_header_that_looks_like_a_secret(twin, service, elsewhere, target):
    other = elsewhere if target == "elsewhere" else service
    service.reply(Reply([], 307, headers={"Location": f"{other.url}/chat/completions"}, framing="length"))
    await ask(twin, headers={**dict.fromkeys(SECRET_NAMES, SECRET), "x-tenant": "t"})
    received = other.requests[-1].headers
    assert received["x-tenant"] == "t"
    assert [name for name in SECRET_NAMES if name.lower() in received] == (
        [] if other is elsewhere else [*SECRET_NAMES]
    )


async def test_another_host_gets_them_where_the_user_wants_it(twin, service, elsewhere):
    service.reply(Reply([], 307, headers={"Location": f"{elsewhere.url}/chat/completions"}, framing="length"))
    await ask(twin, headers={"x-api-key": SECRET}, disable_redirect_cleanup=True)
    assert elsewhere.request.headers["x-api-key"] == elsewhere.request.headers["api-key"] == SECRET


FAILURES = {
    "refused": json_reply({"error": {"code": "401", "message": "no"}}, 401, **COOKIE),
    "not JSON": json_reply(b"{", **COOKIE),
    "an error in a success": json_reply({"error": {"message": "no"}}, **COOKIE),
}
STREAM_FAILURES = {
    "an error": loopback.event({"error": {"message": "no"}}),
    "not JSON": b"data: {\n\n",
    "an early end": loopback.event(loopback.update("a")),
}


async def failure_of(call):
    with pytest.raises(AzureError) as raised:
        await call
    return raised.value


def shown(error):
    """All that can be seen of an exception and of what it refers to."""
    texts = ["".join(traceback.format_exception(error))]
    seen = [error]
    for value in seen:
        texts += [repr(value), str(value), repr(getattr(value, "args", ()))]
        for name in ("__cause__", "__context__", "inner_exception", "response", "request"):
            found = getattr(value, name, None)
            if found is not None and not any(found is other for other in seen):
                seen.append(found)
        texts.append(str(getattr(value, "headers", "")))
    return "\n".join(texts)


@pytest.mark.parametrize("failure", FAILURES)
async def test_no_exception_and_no_pickle_of_it_holds_a_secret(twin, service, failure):
    service.reply(FAILURES[failure])
    error = await failure_of(ask(twin, headers=dict.fromkeys(SECRET_NAMES, SECRET)))
    assert service.request.headers["x-api-key"] == SECRET
    assert SECRET not in shown(error)
    pickled = pickle.dumps(error)
    assert SECRET.encode() not in pickled
    assert b"the prompt" not in pickled
    again = pickle.loads(pickled)
    assert str(again) == str(error)
    assert again.response.request.url == error.response.request.url
    assert again.response.request.headers["api-key"] == "REDACTED"
    assert error.response.request.content == service.request.body.decode()


@pytest.mark.parametrize("failure", STREAM_FAILURES)
async def test_no_exception_of_a_stream_and_no_pickle_of_it_holds_a_secret(twin, service, failure):
    service.reply(Reply([STREAM_FAILURES[failure]], headers=COOKIE))
    client = twin.chat(credential=AzureKeyCredential(SECRET))
    stream = await client.complete(messages=MESSAGES, stream=True)
    error = await failure_of(stream.get_final_completion())
    assert SECRET not in shown(error)
    pickled = pickle.dumps(error)
    assert SECRET.encode() not in pickled
    assert b"the prompt" not in pickled
    assert str(pickle.loads(pickled)) == str(error)


@pytest.mark.parametrize("head", [b"garbage\r\n\r\n", b""])
async def test_no_exception_of_a_broken_connection_shows_a_secret(twin, service, head):
    service.reply(Reply([head], framing="none", breaks=True))
    error = await failure_of(ask(twin, headers={"x-api-key": SECRET}))
    assert SECRET not in shown(error)
    pickled = pickle.dumps(error)
    assert SECRET.encode() not in pickled
    assert b"the prompt" not in pickled
    assert str(pickle.loads(pickled)) == str(error)


async def test_no_exception_of_a_request_of_the_user_holds_a_secret(twin, service):
    service.reply(FAILURES["refused"])
    client = twin.chat(credential=AzureKeyCredential(SECRET))
    response = await client.send_request(HttpRequest("POST", "/own", json={"text": "the prompt"}))
    with pytest.raises(AzureError) as raised:
        response.raise_for_status()
    assert service.request.headers["api-key"] == SECRET
    assert SECRET not in shown(raised.value)
    assert b"the prompt" not in pickle.dumps(raised.value)


async def test_a_transport_of_the_user_still_has_the_request_as_it_was_sent(twin, service):
    sent = []
    service.reply(FAILURES["refused"])
    client = twin.chat(credential=AzureKeyCredential(SECRET))
    await failure_of(client.complete(messages=MESSAGES, raw_request_hook=lambda r: sent.append(r.http_request)))
    assert [request.headers["api-key"] for request in sent] == [SECRET]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_no_pickle_of_an_answer_holds_a_secret(twin, service, operation):
    body = loopback.COMPLETION if operation == "complete" else loopback.EMBEDDINGS
    service.reply(json_reply(body, **COOKIE, **{"x-request-id": "id-1"}))
    answer = await twin.call(operation, credential=AzureKeyCredential(SECRET))
    assert SECRET in answer.response_headers["set-cookie"]
    pickled = pickle.dumps(answer)
    assert SECRET.encode() not in pickled
    assert pickle.loads(pickled).request_id == "id-1"


async def test_a_response_of_a_users_test_is_left_as_it_is():
    response = SimpleNamespace(request=SimpleNamespace(headers={"api-key": SECRET}))
    hide_secrets(response)
    assert response.request.headers == {"api-key": SECRET}


@pytest.mark.parametrize(
    "headers", [None, {"Set-Cookie": SECRET, "a": "b"}, ChainMap({"a": "b"}), MappingProxyType({"a": "b"})]
)
def test_an_answer_of_a_users_test_can_be_copied_whatever_its_headers_are(headers):
    response = SimpleNamespace(content=json.dumps(loopback.COMPLETION).encode(), headers=headers)
    again = copy.copy(read_answer(ChatCompletions, response))
    assert again == loopback.COMPLETION
    assert SECRET not in str(again.response_headers)
    assert headers is None or again.response_headers["a"] == "b"


async def test_no_exception_holds_a_secret_where_all_policies_are_those_of_the_user(twin, service):
    service.reply(FAILURES["refused"])
    client = twin.chat(policies=[HeadersPolicy({"x-api-key": SECRET})])
    error = await failure_of(client.complete(messages=MESSAGES))
    assert service.request.headers["x-api-key"] == SECRET
    assert SECRET not in shown(error)
    assert SECRET.encode() not in pickle.dumps(error)
