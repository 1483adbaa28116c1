"""Keys and tokens are not in logs, messages or representations, and are not sent to other hosts."""

import logging
import traceback
from pathlib import Path

import azure.ai.inference
import loopback
import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import AzureError
from credentials import token_credential
from loopback import Reply, json_reply

SECRET = "s3cr3t-0123456789"
PAYLOAD = "hi"
PACKAGE = str(Path(azure.ai.inference.__file__).parent)
OPERATIONS = ("complete", "embed", "embed_images")
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
