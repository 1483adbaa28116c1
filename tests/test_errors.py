"""Refused requests raise exceptions of azure-core."""

import pytest
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
    ServiceRequestError,
)
from loopback import Reply, json_reply

MESSAGES = [UserMessage("hi")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, ResourceNotModifiedError),
        (400, HttpResponseError),
        (401, ClientAuthenticationError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (422, HttpResponseError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_status_decides_the_exception(twin, service, status, kind, stream):
    service.reply(Reply([], status, "text/plain", framing="length"))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES, stream=stream)
    assert type(raised.value) is kind
    assert raised.value.status_code == status


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "c", "message": "m"}}, "c", "m"),
        ({"error": {"code": 400, "message": "m"}}, "400", "m"),
        ({"error": "Unauthorized", "message": "m", "status": 401}, "Unauthorized", "m"),
        ({"error": "Bad Request", "code": "c", "message": "m", "status": 400}, "c", "m"),
        ({"detail": {"loc": ["body", "stop"]}}, None, '{"loc": ["body", "stop"]}'),
        ({"error": "m"}, "m", '"m"'),
    ],
)
async def test_code_and_message_of_every_shape(twin, service, body, code, message):
    service.reply(json_reply(body, 400))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES)
    assert (raised.value.error.code, raised.value.error.message) == (code, message)
    assert message in str(raised.value)


async def test_body_that_is_no_json_is_shown(twin, service):
    service.reply(Reply([b"<p>down</p>"], 502, "text/html", framing="length"))
    with pytest.raises(HttpResponseError, match="<p>down</p>"):
        await twin.chat().complete(messages=MESSAGES)


async def test_unreachable_service(twin, service):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat().complete(messages=MESSAGES)
