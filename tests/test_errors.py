"""Error responses raise exceptions of azure-core with the error of the service."""

import copy
import json
import logging
import pickle
from pathlib import Path

import pytest
from azure.ai.inference._http._options import CALL_OPTIONS
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ResourceExistsError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
    ServiceRequestError,
)
from loopback import COMPLETION, TIMEOUT, Gate, Reply, event, json_reply, update

MESSAGES = [UserMessage("hi")]
OPERATIONS = ("complete", "embed", "embed_images")
EXAMPLES = Path(__file__).with_name("data") / "spec" / "examples"
SHAPES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["response"]
    for path in sorted(EXAMPLES.glob("2025-05-01/error_*.json"))
}
KINDS = {401: ClientAuthenticationError, 404: ResourceNotFoundError}


def expected(body):
    """Return the code and the message of an error body of any shape."""
    fields = body["error"] if isinstance(body.get("error"), dict) else body
    code = fields.get("code") or (fields["error"] if isinstance(fields.get("error"), str) else None)
    return code, fields.get("message") or json.dumps(body["detail"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_error_bodies_of_the_specification(twin, service, shape, operation):
    response = SHAPES[shape]
    status, body = response["status"], response["body"]
    code, message = expected(body)
    service.reply(json_reply(body, status, **response["headers"]))
    with pytest.raises(HttpResponseError) as raised:
        await twin.call(operation)
    error = raised.value
    assert type(error) is KINDS.get(status, HttpResponseError)
    assert error.status_code == status
    assert error.reason
    assert (error.error.code, error.error.message) == (code, message)
    assert message in str(error)
    assert str(code or "") in str(error)
    assert str(error) == error.message == error.args[0]
    assert error.response.json() == body


def test_the_specification_has_error_bodies():
    assert len(SHAPES) >= 12


async def test_content_filter_details_are_available(twin, service):
    body = SHAPES["error_400_content_filter_nested"]["body"]
    service.reply(json_reply(body, 400))
    with pytest.raises(HttpResponseError) as raised:
        await twin.call("complete")
    assert raised.value.error.innererror == body["error"]["innererror"]
    assert raised.value.error.innererror["content_filter_result"]["violence"]["filtered"] is True
    assert raised.value.error.target == "messages"
    assert "ResponsibleAIPolicyViolation" in str(raised.value)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (304, ResourceNotModifiedError),
        (400, HttpResponseError),
        (401, ClientAuthenticationError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (422, HttpResponseError),
        (201, HttpResponseError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_exception_class_depends_on_the_status(twin, service, status, error_class, stream):
    service.reply(Reply([], status, "text/plain", framing="length"))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES, stream=stream)
    assert type(raised.value) is error_class
    assert raised.value.status_code == status


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": 400, "message": "m"}}, "400", "m"),
        ({"error": {"message": "m"}}, None, "m"),
        ({"error": "Unauthorized", "message": "m", "status": 401}, "Unauthorized", "m"),
        ({"error": "Bad Request", "code": "c", "message": "m", "status": 400}, "c", "m"),
        ({"object": "error", "code": 400, "message": "m", "type": "t"}, "400", "m"),
        ({"detail": {"loc": ["body", "stop"]}}, None, '{"loc": ["body", "stop"]}'),
        ({"error": "m"}, None, "m"),
        ({"error": {"code": None, "type": "t", "message": "m"}}, "t", "m"),
        ({"error": {"code": "c", "message": "m", "details": None, "innererror": None}}, "c", "m"),
    ],
)
async def test_code_and_message_of_other_error_bodies(twin, service, body, code, message):
    service.reply(json_reply(body, 400))
    with pytest.raises(HttpResponseError) as raised:
        await twin.call("complete")
    assert (raised.value.error.code, raised.value.error.message) == (code, message)
    assert message in str(raised.value)


@pytest.mark.parametrize("body", [b"<p>down</p>", b"[1]", b'"text"', b"{oops"])
async def test_unknown_error_body_is_in_the_message(twin, service, body):
    service.reply(Reply([body], 502, "text/html", framing="length"))
    with pytest.raises(HttpResponseError) as raised:
        await twin.call("complete")
    assert raised.value.error is None
    assert body.decode() in str(raised.value)


@pytest.mark.parametrize("header", ["x-ms-client-request-id", "apim-request-id", "x-request-id"])
async def test_error_message_contains_the_request_id(twin, service, header):
    service.reply(json_reply({"error": {"code": "c", "message": "m"}}, 500, **{header: "id-7"}))
    with pytest.raises(HttpResponseError, match=f"Request id .{header}.: id-7"):
        await twin.call("complete")


async def test_error_message_falls_back_to_the_request_id_of_the_client(twin, service):
    service.reply(json_reply({}, 500))
    with pytest.raises(HttpResponseError) as raised:
        await twin.call("complete")
    assert service.request.headers["x-ms-client-request-id"] in str(raised.value)


async def test_error_message_without_any_request_id(twin, service):
    service.reply(json_reply({}, 500))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat(request_id=None).complete(messages=MESSAGES)
    assert "Request id" not in str(raised.value)


async def test_status_is_reported_if_the_error_body_of_a_stream_breaks(twin, service):
    service.reply(Reply([b'{"error"'], 400, "application/json", breaks=True))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES, stream=True)
    assert raised.value.status_code == 400


async def test_unreachable_service(twin, service):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError) as raised:
        await twin.call("complete")
    assert raised.value.__cause__ is raised.value.inner_exception is not None


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_error_for_an_unknown_keyword_names_model_extras(twin, service, operation):
    client = twin.chat() if operation == "complete" else twin.embeddings()
    call = client.complete if operation == "complete" else client.embed
    given = {"messages": MESSAGES} if operation == "complete" else {"input": ["a"]}
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'top_k'\. Pass .* `model_extras`"):
        await call(**given, top_k=3)
    misspelt, right = ("temprature", "temperature") if operation == "complete" else ("dimensons", "dimensions")
    with pytest.raises(TypeError, match=rf"'{misspelt}'\. Did you mean `{right}`\?"):
        await call(**given, **{misspelt: 1})
    with pytest.raises(TypeError, match=r"'extra_body', 'max_retries'\. Use `model_extras`\. Use `retry_total`\."):
        await call(**given, extra_body={}, max_retries=1)
    with pytest.raises(TypeError, match=r"'max_body_bytes'\. `max_body_bytes` is for the constructor of the client\.$"):
        await call(**given, max_body_bytes=1)
    foreign, other = ("proxy", "async") if twin.mode == "sync" else ("hooks", "sync")
    with pytest.raises(TypeError, match=rf"'{foreign}'\. `{foreign}` is for {other} clients\.$"):
        await call(**given, **{foreign: None})
    assert service.requests == []


OPTIONS = {
    "headers": {"a": "b"},
    "retry_on_methods": ["POST"],
    "enforce_https": False,
    "raw_request_hook": lambda request: None,
    "raw_response_hook": lambda response: None,
    "logger": logging.getLogger("test"),
    "tracing_options": {},
    "tracing_attributes": {},
    "network_span_namer": lambda request: "name",
    "read_bufsize": 1000,
    **dict.fromkeys(("timeout", "connection_timeout", "read_timeout"), TIMEOUT),
}
"""Values of keywords that do not take None."""


NEWER_OPTIONS = {"server_hostname": pytest.mark.aiohttp((3, 9), "it does not know this keyword")}


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(option, marks=NEWER_OPTIONS.get(option, ()))
        for option in sorted(CALL_OPTIONS[False] | CALL_OPTIONS[True])
    ],
)
async def test_a_call_takes_each_keyword_of_its_pipeline(twin, service, option):
    call = twin.chat().complete(messages=MESSAGES, **{option: OPTIONS.get(option)})
    if option in CALL_OPTIONS[twin.mode == "async"]:
        assert await call == COMPLETION
    else:
        with pytest.raises(TypeError, match=f"`{option}` is for"):
            await call


async def test_other_type_errors_are_unchanged(twin, service):
    def hook(response):
        raise TypeError("of the user")

    with pytest.raises(TypeError, match="of the user"):
        await twin.chat().complete(messages=MESSAGES, raw_response_hook=hook)


@pytest.mark.parametrize("operation", ["complete", "embed", "embed_images", "info"])
@pytest.mark.parametrize(
    ("body", "error_class", "message"),
    [
        ({"error": {"code": "c", "message": "down"}}, IncompleteReadError, r"\(c\) down"),
        ({"error": "down"}, IncompleteReadError, "down"),
        ({"detail": "down"}, IncompleteReadError, "down"),
        ({}, DecodeError, "is not a valid response of this API"),
    ],
)
async def test_a_success_that_holds_no_answer_is_an_error(twin, service, operation, body, error_class, message):
    service.reply(body)
    with pytest.raises(error_class, match=message) as raised:
        await (twin.chat().get_model_info() if operation == "info" else twin.call(operation))
    assert type(raised.value) is error_class
    assert raised.value.status_code == 200


async def test_nothing_after_the_first_question_mark_of_a_url_is_shown(twin, service):
    service.reply(json_reply(b"{"))
    with pytest.raises(DecodeError) as raised:
        await twin.chat(f"{service.url}/v1?deployment=a?key=s3cr3t&x=y?z").complete(messages=MESSAGES)
    assert f"{service.url}/v1/chat/completions (status 200" in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


BROKEN = {
    "no response": Reply([], framing="none", breaks=True),
    "no head": Reply([b"garbage\r\n\r\n"], framing="none", breaks=True),
    "a broken body": Reply([b"{"], breaks=True),
    "a broken stream": Reply([event(update("a"))], breaks=True),
    "an early end of a stream": Reply([event(update("a"))]),
}


@pytest.mark.urllib3((2, 3), "its own exceptions, which are the causes, cannot be pickled")
@pytest.mark.parametrize("failure", [*BROKEN, "no service", "a timeout", "a timeout within a stream"])
async def test_errors_of_connections_can_be_pickled_and_copied(twin, service, failure):
    gate = Gate()
    service.reply(*([BROKEN[failure]] if failure in BROKEN else []))
    settings = {"read_timeout": 0.01} if "timeout" in failure else {}
    if "timeout" in failure:
        service.reply(Reply([event(update("a")) if "stream" in failure else b"", gate]))
    endpoint = "http://127.0.0.1:9" if failure == "no service" else None

    async def fail():
        answer = await twin.chat(endpoint, **settings).complete(messages=MESSAGES, stream="stream" in failure)
        await answer.get_final_completion()

    with pytest.raises(AzureError) as raised:
        await fail()
    gate.open()
    for again in (pickle.loads(pickle.dumps(raised.value)), copy.deepcopy(raised.value)):
        assert type(again) is type(raised.value)
        assert again.message == raised.value.message
