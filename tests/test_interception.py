"""What intercepts or instruments requests and aiohttp sees every call: recorders, fakes and OpenTelemetry."""

import json
import re
from pathlib import Path

import pytest
import requests_mock
import responses
import vcr
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.testing import NetworkError, no_network
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from conftest import KEY
from loopback import COMPLETION, DONE, event, json_reply, update
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from vcr.errors import CannotOverwriteExistingCassetteException

DOCUMENTED = Path(__file__).parents[1].joinpath("docs", "testing_guide.md").read_text(encoding="utf-8")
"""The page of the documentation that shows recordings."""
MESSAGES = [{"role": "user", "content": "hi"}]
ENDPOINT = "https://service.test/v1"
URL = f"{ENDPOINT}/chat/completions"
STREAM = b"".join([event(update("a")), event(update(finish_reason="stop")), DONE])


def client(**settings):
    return ChatCompletionsClient(ENDPOINT, KEY, retry_total=0, **settings)


@responses.activate
def test_responses_answers_in_place_of_the_service():
    responses.post(URL, json=COMPLETION)
    responses.post(URL, body=STREAM, content_type="text/event-stream")
    responses.post(URL, json={"error": {"code": "bad", "message": "no"}}, status=400)
    chat = client()
    assert chat.complete(messages=MESSAGES) == COMPLETION
    assert len(list(chat.complete(messages=MESSAGES, stream=True))) == 2
    with pytest.raises(HttpResponseError, match="no"):
        chat.complete(messages=MESSAGES)
    assert json.loads(responses.calls[0].request.body) == {"messages": MESSAGES}
    assert responses.calls[0].request.headers["api-key"] == KEY.key


@responses.activate
def test_what_responses_does_not_know_is_refused():
    with pytest.raises(ServiceRequestError, match="Connection refused by Responses"):
        client().complete(messages=MESSAGES)


def test_requests_mock_answers_in_place_of_the_service():
    with requests_mock.Mocker() as fake:
        fake.post(URL, [{"json": COMPLETION}, {"content": STREAM}, {"json": {"error": "no"}, "status_code": 400}])
        chat = client()
        assert chat.complete(messages=MESSAGES) == COMPLETION
        assert len(list(chat.complete(messages=MESSAGES, stream=True))) == 2
        with pytest.raises(HttpResponseError, match="no"):
            chat.complete(messages=MESSAGES)
        assert fake.request_history[0].json() == {"messages": MESSAGES}


def documented_recorder():
    """Make the recorder that the documentation shows."""
    return eval(re.search(r"recorder = (vcr\.VCR\(.*?\n\))", DOCUMENTED, re.DOTALL)[1], {"vcr": vcr})


@pytest.mark.parametrize("stream", [False, True])
async def test_vcrpy_records_and_replays_as_documented(twin, service, tmp_path, stream):
    async def texts(chat):
        answer = await chat.complete(messages=MESSAGES, stream=stream)
        return [text async for text in await answer.text_deltas()] if stream else answer.choices[0].message.content

    if stream:
        service.stream(update("a"), update(finish_reason="stop"), DONE)
    cassette = str(tmp_path / "cassette.yaml")
    recorder = documented_recorder()
    with recorder.use_cassette(cassette):
        recorded = await texts(twin.chat())
    with recorder.use_cassette(cassette) as replayed:
        assert await texts(twin.chat()) == recorded
    assert replayed.play_count == 1
    assert len(service.requests) == 1
    assert KEY.key not in (tmp_path / "cassette.yaml").read_text()


async def test_vcrpy_does_not_replay_another_request(twin, service, tmp_path):
    recorder = documented_recorder()
    with recorder.use_cassette(str(tmp_path / "cassette.yaml")):
        await twin.chat().complete(messages=MESSAGES)
    replayed = recorder.use_cassette(str(tmp_path / "cassette.yaml"), record_mode="none")
    with replayed, pytest.raises(CannotOverwriteExistingCassetteException):
        await twin.chat().complete(messages=MESSAGES, temperature=0)
    assert len(service.requests) == 1


async def test_without_a_network_vcrpy_replays_and_does_not_record(twin, service, tmp_path):
    recorder = documented_recorder()
    with no_network(), recorder.use_cassette(str(tmp_path / "new.yaml")), pytest.raises(NetworkError):
        await twin.chat().complete(messages=MESSAGES)
    assert service.connections == 0
    with recorder.use_cassette(str(tmp_path / "cassette.yaml")):
        recorded = await twin.chat().complete(messages=MESSAGES)
    with no_network(), recorder.use_cassette(str(tmp_path / "cassette.yaml")):
        assert await twin.chat().complete(messages=MESSAGES) == recorded
    assert len(service.requests) == 1


@responses.activate
def test_without_a_network_responses_answers(no_inference_network):
    responses.post(URL, json=COMPLETION)
    assert client().complete(messages=MESSAGES) == COMPLETION


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentors = [RequestsInstrumentor(), AioHttpClientInstrumentor()]
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=provider)
    yield exporter
    for instrumentor in instrumentors:
        instrumentor.uninstrument()


async def test_opentelemetry_sees_the_requests(twin, service, spans):
    await twin.chat().complete(messages=MESSAGES)
    (span,) = spans.get_finished_spans()
    assert service.url in str(dict(span.attributes))
    assert service.requests[0].headers["traceparent"]


async def test_cookies_are_not_kept(twin, service):
    service.reply(json_reply(COMPLETION, **{"Set-Cookie": "session=1"}))
    chat = twin.chat()
    for _ in range(2):
        await chat.complete(messages=MESSAGES)
    assert "cookie" not in service.requests[1].headers
