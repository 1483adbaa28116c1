"""What programs written for 1.0.0b9 rely on, row by row of the facts that were recorded: clients, calls, errors.

Rows 3 to 6 are in `test_compatibility_models.py`, row 11 is in `test_compatibility_tracing.py`, and what 1.0.0b9 never
did, rows 14 to 18, in `test_compatibility_today.py`. The facts were recorded by `data/compatibility/record.py`.
"""

import inspect
import json
from pathlib import Path
from unittest import mock

import pytest
from azure.ai.inference import models
from azure.ai.inference.models import _models
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, IncompleteReadError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from compatibility import cases
from conftest import KEY
from loopback import COMPLETION, EMBEDDINGS, INFO, Reply, event, json_reply, update

MESSAGES = [{"role": "user", "content": "hi"}]
CLIENTS = ("ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient")
CALLS = {
    "complete": ("ChatCompletionsClient", "complete", {"messages": MESSAGES}),
    "stream": ("ChatCompletionsClient", "complete", {"messages": MESSAGES, "stream": True}),
    "embed": ("EmbeddingsClient", "embed", {"input": ["a"]}),
    "embed images": ("ImageEmbeddingsClient", "embed", {"input": [{"image": "i"}]}),
    "get_model_info": ("ChatCompletionsClient", "get_model_info", {}),
}
NO_STREAMS = [name for name in CALLS if name != "stream"]


def make(twin, kind="ChatCompletionsClient", endpoint=None, credential=KEY, **settings):
    """A client, with arguments that count as absent to the methods of the twin."""
    endpoint = twin.service.url if endpoint is None else endpoint
    return twin.keep(getattr(twin.sdk, kind)(endpoint, credential, retry_total=0, **settings))


async def call(twin, name, client_settings=None, **keywords):
    """One of the calls above, with a client of its own."""
    kind, method, given = CALLS[name]
    return await getattr(make(twin, kind, **(client_settings or {})), method)(**given, **keywords)


# 2. Endpoints that are no URL at construction.

ENDPOINTS = cases.facts("endpoints")["endpoints"]
NO_URLS = ["", " ", "endpoint", "test", "ftp://host", "https://"]


@pytest.mark.parametrize("endpoint", NO_URLS)
@pytest.mark.parametrize("kind", CLIENTS)
async def test_constructors_take_an_endpoint_that_is_no_url(twin, kind, endpoint):
    assert make(twin, kind, endpoint)._config.endpoint == endpoint


@pytest.mark.parametrize("endpoint", NO_URLS)
@pytest.mark.parametrize("name", CALLS)
async def test_an_endpoint_that_is_no_url_is_explained_by_the_first_call(twin, name, endpoint):
    with pytest.raises(ValueError, match="Parameter 'endpoint' must be a URL like https://host/path"):
        await call(twin, name, {"endpoint": endpoint})


async def test_load_client_explains_an_endpoint_that_is_no_url(twin):
    with pytest.raises(ValueError, match="Parameter 'endpoint' must be a URL like https://host/path"):
        await twin.load_client("endpoint")


async def test_a_client_with_an_endpoint_that_is_no_url_can_be_mocked(twin):
    client = make(twin, endpoint="endpoint")
    with mock.patch.object(client.raw, "complete", return_value=models.ChatCompletions(COMPLETION)):
        assert (await client.complete(messages=MESSAGES)).id == "c1"


@pytest.mark.parametrize("kind", CLIENTS)
async def test_constructors_refuse_an_endpoint_that_is_none_or_no_text(twin, kind):
    with pytest.raises(ValueError, match="Parameter 'endpoint' must not be None"):
        getattr(twin.sdk, kind)(None, KEY)
    for endpoint in (5, b"http://host", object()):
        with pytest.raises(TypeError, match="Parameter 'endpoint'"):
            getattr(twin.sdk, kind)(endpoint, KEY)


class Url:
    """What `str` makes a URL of."""

    def __init__(self, url):
        self.url = url

    def __str__(self):
        return self.url


def http_url(url):
    return pytest.importorskip("pydantic").HttpUrl(url)


@pytest.mark.parametrize("kind", [Url, http_url])
async def test_endpoints_are_objects_whose_text_is_a_url(twin, service, kind):
    endpoint = kind(f"{service.url}/x")
    client = make(twin, endpoint=endpoint)
    await client.complete(messages=MESSAGES)
    assert [service.request.target] == ENDPOINTS["pydantic.HttpUrl"]["targets"]
    assert str(client._config.endpoint) == str(endpoint)


async def test_the_query_of_an_endpoint_is_sent(twin, service):
    await make(twin, endpoint=f"{service.url}/gw?subscription-key=abc").complete(messages=MESSAGES)
    assert [service.request.target] == ENDPOINTS["query"]["targets"]


@pytest.mark.parametrize("name", CALLS)
async def test_an_api_version_in_the_query_of_an_endpoint_is_sent_once(twin, service, name):
    await call(twin, name, {"endpoint": f"{service.url}/gw?api-version=2023&k=v"})
    assert sorted(service.request.query) == [("api-version", "2023"), ("k", "v")]


@pytest.mark.parametrize("path", ["", "/gw", "/gw/"])
async def test_the_endpoint_that_other_code_reads_is_the_one_that_was_given(twin, service, path):
    client = make(twin, endpoint=service.url + path)
    assert client._config.endpoint == service.url + path
    assert client._client._base_url.rstrip("/") == (service.url + path).rstrip("/")
    assert not client._client._base_url.endswith("/") or path.endswith("/")


@pytest.mark.parametrize("name", CALLS)
async def test_an_empty_credential_sends_no_authentication_headers(twin, service, name):
    assert cases.facts("endpoints")["credentials"]["empty"] == {"api-key": None, "authorization": None}
    await call(twin, name, {"credential": ""})
    assert not {"api-key", "authorization"} & service.request.headers.keys()


async def test_other_credentials_are_refused_as_before(twin):
    for credential in ("abc", object()):
        with pytest.raises(TypeError):
            make(twin, credential=credential)
    with pytest.raises(ValueError, match="Parameter 'credential' must not be None"):
        make(twin, credential=None)


# 7. What policies see of a request is text.


class Spy(SansIOHTTPPolicy):
    def on_request(self, request):
        self.types = {name: type(getattr(request.http_request, name)).__name__ for name in ("content", "data", "body")}


BODIES = {
    "keywords": ("ChatCompletionsClient", "complete", {"messages": MESSAGES}),
    "keywords, stream": ("ChatCompletionsClient", "complete", {"messages": MESSAGES, "stream": True}),
    "mapping": ("ChatCompletionsClient", "complete", {"body": {"messages": MESSAGES}}),
    "bytes": ("ChatCompletionsClient", "complete", {"body": json.dumps({"messages": MESSAGES}).encode()}),
    "embed": ("EmbeddingsClient", "embed", {"input": ["a"]}),
    "embed, mapping": ("EmbeddingsClient", "embed", {"body": {"input": ["a"]}}),
    "embed images": ("ImageEmbeddingsClient", "embed", {"input": [{"image": "i"}]}),
    "model info": ("ChatCompletionsClient", "get_model_info", {}),
}


@pytest.mark.parametrize("name", BODIES)
async def test_policies_see_a_body_as_1_0_0b9_showed_it(twin, name):
    kind, method, keywords = BODIES[name]
    spy = Spy()
    await getattr(make(twin, kind, per_call_policies=[spy]), method)(**keywords)
    assert spy.types == cases.facts("bodies")[name]


async def test_hooks_read_the_body_as_text(twin):
    bodies = []
    await make(twin).complete(messages=MESSAGES, raw_request_hook=lambda r: bodies.append(r.http_request.content))
    await make(twin).complete(messages=MESSAGES, raw_response_hook=lambda r: bodies.append(r.http_request.content))
    assert bodies == ['{"messages": [{"role": "user", "content": "hi"}]}'] * 2


# 8. Error texts.

ERRORS = cases.facts("errors")["responses"]


def leaves(value):
    """The texts of all values in a JSON document but null."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in leaves(item)]
    if isinstance(value, list):
        return [text for item in value for text in leaves(item)]
    return [] if value is None else [json.dumps(value).strip('"')]


@pytest.mark.parametrize("name", ERRORS)
async def test_an_error_tells_reason_status_and_request_id(twin, service, name):
    status, content_type, content = cases.ERRORS[name]
    headers = {"apim-request-id": "request-1"}
    service.reply(Reply([content.encode()], status, content_type, headers, framing="length"))
    with pytest.raises(HttpResponseError) as raised:
        await make(twin).complete(messages=MESSAGES)
    text = str(raised.value)
    assert f"invalid status '{ERRORS[name]['reason']}'" in text
    assert str(status) in text
    assert "request-1" in text
    assert raised.value.status_code == status


@pytest.mark.parametrize("name", [name for name, (_, kind, text) in cases.ERRORS.items() if text and "json" in kind])
async def test_an_error_tells_every_field_of_its_body(twin, service, name):
    status, _, content = cases.ERRORS[name]
    service.reply(json_reply(content.encode(), status))
    with pytest.raises(HttpResponseError) as raised:
        await make(twin).complete(messages=MESSAGES)
    fields = leaves(json.loads(content)) if name != "broken JSON" else [content]
    assert [field for field in fields if field not in str(raised.value)] == []


@pytest.mark.parametrize("name", ["HTML", "plain text"])
async def test_an_error_that_is_not_json_tells_its_body(twin, service, name):
    status, content_type, content = cases.ERRORS[name]
    service.reply(Reply([content.encode()], status, content_type, framing="length"))
    with pytest.raises(HttpResponseError, match=rf"Content: {content}"):
        await make(twin).complete(messages=MESSAGES)


@pytest.mark.parametrize("name", [name for name in ERRORS if ERRORS[name]["code"] or ERRORS[name]["message"]])
async def test_code_and_message_that_1_0_0b9_read_are_read(twin, service, name):
    status, _, content = cases.ERRORS[name]
    service.reply(json_reply(content.encode(), status))
    with pytest.raises(HttpResponseError) as raised:
        await make(twin).complete(messages=MESSAGES)
    assert raised.value.error.code == (None if ERRORS[name]["code"] is None else str(ERRORS[name]["code"]))
    assert ERRORS[name]["message"] in (None, raised.value.error.message)


@pytest.mark.parametrize("name", cases.STREAM_ERRORS)
async def test_an_error_in_a_stream_counts_as_one_that_may_pass(twin, service, name):
    """inspect-ai and others try again after IncompleteReadError, and not after another error with status 200."""
    body = cases.STREAM_ERRORS[name]
    service.stream(update("a"), event(body))
    stream = await make(twin).complete(messages=MESSAGES, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "a"
    with pytest.raises(IncompleteReadError) as raised:
        await anext(stream)
    assert all(field in str(raised.value) for field in leaves(body))
    assert raised.value.error.message.strip('"') == "Slow down."
    if name.startswith(("nested", "flat")):
        assert raised.value.error.code == "429"


# 9. A stream that is none, and headers that cannot be sent.


@pytest.mark.off_spec
@pytest.mark.parametrize("convert", [dict, lambda body: json.dumps(body).encode()], ids=["mapping", "bytes"])
@pytest.mark.parametrize("name", ["embed", "embed images"])
async def test_embed_answers_where_the_body_asks_for_a_stream(twin, service, name, convert):
    service.reply(EMBEDDINGS)
    kind, method, keywords = CALLS[name]
    answer = await getattr(make(twin, kind), method)(convert({**keywords, "stream": True}))
    assert answer == EMBEDDINGS


@pytest.mark.parametrize(
    ("name", "key"),
    [*((name, "SECRET\n") for name in CALLS), *(("complete", key) for key in ("SECRET\r", "SE\nCRET: x", "SECRET\0"))],
)
async def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(twin, service, name, key):
    with pytest.raises(ValueError, match="credential") as raised:
        await call(twin, name, {"credential": AzureKeyCredential(key)})
    shown = raised.value
    while shown is not None:
        assert "CRET" not in repr(shown)
        shown = shown.__cause__ or shown.__context__
    assert service.requests == []


@pytest.mark.parametrize("where", ["call", "client"])
async def test_a_header_that_cannot_be_sent_is_refused_by_name(twin, service, where):
    headers = {"headers": {"x-mine": "a\nSECRET"}}
    with pytest.raises(ValueError, match="x-mine") as raised:
        await call(twin, "complete", headers if where == "client" else None, **(headers if where == "call" else {}))
    assert "SECRET" not in repr(raised.value)
    assert service.requests == []


# 10. What programs and their tests do with clients and streams.


@pytest.mark.parametrize("kind", CLIENTS)
async def test_a_client_is_left_without_saying_why(twin, kind):
    raw = make(twin, kind).raw
    if twin.mode == "async":
        assert await raw.__aexit__() is None
    else:
        assert raw.__exit__() is None


class Minimal:
    """A response as the tests of programs build it: it has `iter_bytes` and `close`, and nothing else."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.closed = 0

    def iter_bytes(self):
        yield from self.pieces

    def close(self):
        self.closed += 1


class AsyncMinimal(Minimal):
    async def iter_bytes(self):
        for piece in self.pieces:
            yield piece

    async def close(self):
        self.closed += 1


def stream_of(twin, pieces):
    """A stream made by hand, and its response."""
    response = AsyncMinimal(pieces) if twin.mode == "async" else Minimal(pieces)
    kind = models.AsyncStreamingChatCompletions if twin.mode == "async" else models.StreamingChatCompletions
    return twin.keep(kind(response)), response


STREAM = cases.stream(cases.update({"content": "a"}), cases.update({}, "stop"))


@pytest.mark.parametrize("size", [1, 30, len(STREAM)])
async def test_a_stream_is_made_of_a_minimal_response(twin, size):
    stream, response = stream_of(twin, [STREAM[at : at + size] for at in range(0, len(STREAM), size)])
    assert [update.choices[0].delta.content async for update in stream] == ["a", None]
    assert response.closed


@pytest.mark.parametrize("body", [STREAM[:40], cases.event(cases.update({"content": "a"})), b"<html>"])
async def test_a_stream_of_a_minimal_response_fails_with_an_error_of_its_own(twin, body):
    stream, _ = stream_of(twin, [body])
    with pytest.raises(HttpResponseError):
        async for _ in stream:
            pass


def mocked(twin, response):
    """What replaces the `run` of a pipeline."""
    run = mock.AsyncMock if twin.mode == "async" else mock.Mock
    return run(return_value=mock.Mock(http_response=response))


@pytest.mark.parametrize("spec", [["status_code", "json"], None], ids=["json alone", "anything"])
@pytest.mark.parametrize(
    ("name", "body"),
    [("complete", COMPLETION), ("embed", EMBEDDINGS), ("embed images", EMBEDDINGS), ("get_model_info", INFO)],
)
async def test_the_pipeline_is_mocked(twin, name, body, spec):
    response = mock.MagicMock(spec=spec) if spec else mock.MagicMock()
    response.status_code = 200
    response.json.return_value = body
    kind, method, keywords = CALLS[name]
    client = make(twin, kind)
    with mock.patch.object(client._client._pipeline, "run", mocked(twin, response)):
        assert await getattr(client, method)(**keywords) == body


class TeapotError(HttpResponseError):
    pass


@pytest.mark.parametrize("name", CALLS)
async def test_every_method_takes_an_error_map(twin, service, name):
    service.reply(json_reply({}, 418))
    with pytest.raises(TeapotError):
        await call(twin, name, error_map={418: TeapotError})


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("hook", ["raw_request_hook", "raw_response_hook"])
async def test_every_method_takes_hooks(twin, name, hook):
    seen = []
    await call(twin, name, **{hook: lambda message: seen.append(message.http_request.method)})
    assert seen == ["GET" if name == "get_model_info" else "POST"]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("keywords", [{"merge_span": True}, {"tracing_attributes": {"a": "b"}}], ids=" ".join)
async def test_every_method_takes_settings_of_tracing(twin, service, name, keywords):
    await call(twin, name, **keywords)
    assert len(service.requests) == 1


@pytest.mark.parametrize("name", NO_STREAMS)
async def test_cls_gets_the_answer_and_its_result_is_returned(twin, name):
    assert cases.facts("options")["cls"]["get_model_info"] == "from cls"
    got = []

    def cls(response, result, headers):
        got.extend([response.http_response.status_code, type(result), headers])
        return "from cls"

    assert await call(twin, name, cls=cls) == "from cls"
    assert got[0] == 200
    assert issubclass(got[1], dict)
    assert isinstance(got[2], dict)


async def test_load_client_logs_what_it_found(twin, caplog):
    caplog.set_level("INFO", "azure.ai.inference")
    await twin.load_client()
    world = f"{twin.sdk.__name__}."
    (recorded,) = [fact for fact in cases.facts("logs") if fact["logger"].rpartition(".")[0] + "." == world]
    logged = [{"logger": r.name, "level": r.levelname, "message": r.getMessage()} for r in caplog.records]
    found = [record for record in logged if record["logger"].startswith("azure.ai.inference")]
    assert [(record["level"], record["message"]) for record in found] == [(recorded["level"], recorded["message"])]


# 12. Names that other packages look for.


def test_the_format_of_old_betas_is_not_where_mirascope_looks_for_it():
    assert not hasattr(_models, "ChatCompletionsResponseFormatJSON")
    assert models.ChatCompletionsResponseFormatJSON() == {"type": "json_object"}


def test_the_name_that_azureai_statsig_needs_is_there():
    assert _models.EmbeddingInput is models.ImageEmbeddingInput


def test_guidance_reads_function_call():
    assert models.StreamingChatResponseMessageUpdate({}).function_call is None
    assert models.StreamingChatResponseMessageUpdate({"function_call": {"name": "f"}}).function_call == {"name": "f"}


@pytest.mark.parametrize("module", ["_models", "_patch"])
def test_the_classes_of_1_0_0b9_are_in_the_modules_that_held_them(module):
    """What 1.0.0b9 imported into them for its own use is of no interest."""
    ours = getattr(models, module)
    wanted = [
        name
        for name in cases.facts("names")[f"azure.ai.inference.models.{module}"]
        if not name.endswith("Generated") and inspect.isclass(getattr(models, name, None))
    ]
    assert [name for name in wanted if getattr(ours, name, None) is not getattr(models, name)] == []


# 13. Versions.


def test_azure_core_may_be_as_old_as_1_0_0b9_allowed():
    setup = (Path(__file__).parent.parent / "setup.py").read_text(encoding="utf-8")
    assert "azure-core>=1.30.0" in setup
