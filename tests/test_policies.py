"""Policies without I/O: their order, what users replace, and the request id."""

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference._http._failures import head_error
from azure.core.exceptions import ServiceRequestTimeoutError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest
from conftest import KEY
from loopback import COMPLETION, Reply

MESSAGES = [{"role": "user", "content": "hi"}]
REQUEST_ID = "x-ms-client-request-id"


class Noting(SansIOHTTPPolicy):
    """Notes what it is shown, and raises an error where it is told to."""

    def __init__(self, notes, name, fails_on=None):
        self.notes, self.name, self.fails_on = notes, name, fails_on

    def note(self, what):
        self.notes.append(f"{self.name} {what}")
        if what == self.fails_on:
            raise RuntimeError(what)

    def on_request(self, request):
        self.note("request")

    def on_response(self, request, response):
        self.note("response")

    def on_exception(self, request):
        self.note("exception")


class AsyncNoting(Noting):
    async def on_request(self, request):
        self.note("request")

    async def on_response(self, request, response):
        self.note("response")

    async def on_exception(self, request):
        self.note("exception")


@pytest.mark.parametrize("kind", [Noting, AsyncNoting])
@pytest.mark.parametrize(
    ("fails_on", "expected"),
    [
        (None, ["a request", "b request", "b response", "a response"]),
        ("request", ["a request", "b request", "a exception"]),
        ("response", ["a request", "b request", "b response", "a exception"]),
    ],
)
async def test_policies_are_shown_requests_responses_and_exceptions(twin, service, kind, fails_on, expected):
    notes = []
    chat = twin.chat(custom_hook_policy=kind(notes, "a"), logging_policy=kind(notes, "b", fails_on))
    if kind is AsyncNoting and twin.mode == "sync":
        with pytest.raises(TypeError, match="must not be async"):
            await chat.complete(messages=MESSAGES)
        return
    if fails_on is None:
        assert await chat.complete(messages=MESSAGES) == COMPLETION
    else:
        with pytest.raises(RuntimeError, match=fails_on):
            await chat.complete(messages=MESSAGES)
    assert notes == expected


async def test_a_policy_may_return_what_it_likes(twin, service):
    class Returning(SansIOHTTPPolicy):
        def on_request(self, request):
            return "something"

        def on_response(self, request, response):
            return "something"

    assert await twin.chat(custom_hook_policy=Returning()).complete(messages=MESSAGES) == COMPLETION


async def test_each_request_has_an_id_of_its_own(twin, service):
    chat = twin.chat()
    for _ in range(2):
        await chat.complete(messages=MESSAGES)
    first, second = (request.headers[REQUEST_ID] for request in service.requests)
    assert len(first) == len(second) == 36
    assert first != second


@pytest.mark.parametrize(
    ("settings", "in_call", "sent"),
    [
        ({"request_id": "mine"}, {}, "mine"),
        ({}, {"request_id": "mine"}, "mine"),
        ({"request_id": "mine"}, {"request_id": "another"}, "another"),
        ({"auto_request_id": False}, {}, None),
        ({}, {"request_id": None}, None),
        ({}, {"headers": {REQUEST_ID: "mine"}}, "mine"),
    ],
)
async def test_the_request_id_of_the_user_is_sent(twin, service, settings, in_call, sent):
    await twin.chat(**settings).complete(messages=MESSAGES, **in_call)
    assert service.requests[0].headers.get(REQUEST_ID) == sent


async def test_a_request_id_that_is_set_later_is_sent(twin, service):
    chat = twin.chat()
    group = chat.raw._client._pipeline._impl_policies[0]
    group._members[0].set_request_id("later")
    await chat.complete(messages=MESSAGES)
    assert service.requests[0].headers[REQUEST_ID] == "later"


def test_the_value_of_a_header_may_go_on_in_the_next_line(service):
    """aiohttp, which reads the head of an answer itself, refuses it in development mode."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Folded: a\r\n  b\r\nContent-Length: 17\r\n\r\n"
    service.reply(Reply([head, b'{"model_name": 1}'], framing="none", breaks=True))
    with ChatCompletionsClient(service.url, KEY, retry_total=0) as client:
        response = client.send_request(HttpRequest("GET", "/info"))
    assert response.headers["x-folded"] == "a b"
    assert response.json() == {"model_name": 1}


def test_a_connection_that_is_not_made_in_time_is_a_failure_of_the_request():
    error = ServiceRequestTimeoutError("late", error=TimeoutError())
    assert head_error(error, 0, was_sent=False, is_late=False) is error
