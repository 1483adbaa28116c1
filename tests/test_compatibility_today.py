"""Rows 14 to 18 of the facts that were recorded: what 1.0.0b9 never did, and programs of today ask for."""

import asyncio
import copy
import inspect
import json
import pickle
import threading

import pytest
from azure.ai.inference import ChatCompletionsClient, models
from azure.ai.inference import aio as async_sdk
from azure.core.exceptions import HttpResponseError
from conftest import KEY
from credentials import token_credential
from loopback import COMPLETION, DONE, TIMEOUT, Reply, event, json_reply, update

MESSAGES = [{"role": "user", "content": "hi"}]
BODY = {"messages": MESSAGES}


# 14. One async client in several event loops, one after the other.


async def complete(client):
    return (await client.complete(messages=MESSAGES)).id


async def stream(client):
    ids = {update.id async for update in await client.complete(messages=MESSAGES, stream=True)}
    return ids.pop()


async def model_info(client):
    await client.get_model_info(model="m")  # this answer is not kept
    return "c1"


@pytest.mark.parametrize("ask", [complete, stream, model_info])
def test_an_async_client_lives_through_several_event_loops(service, ask):
    client = async_sdk.ChatCompletionsClient(service.url, KEY, retry_total=0)
    assert [asyncio.run(ask(client)) for _ in range(4)] == ["c1"] * 4
    asyncio.run(client.close())
    assert service.all_closed()


def test_an_async_client_lives_through_the_loops_of_uvloop(service):
    uvloop = pytest.importorskip("uvloop")
    client = async_sdk.ChatCompletionsClient(service.url, KEY, retry_total=0)
    assert [uvloop.run(complete(client)) for _ in range(4)] == ["c1"] * 4
    uvloop.run(client.close())


def test_a_loop_that_goes_on_keeps_its_connection(service):
    async def ask_twice(client):
        return [await complete(client) for _ in range(2)]

    client = async_sdk.ChatCompletionsClient(service.url, KEY, retry_total=0)
    asyncio.run(ask_twice(client))
    assert service.connections == 1
    asyncio.run(ask_twice(client))
    assert service.connections == 2
    asyncio.run(client.close())


# 15. Connections are kept: as many as were in use at once.

THREADS, BURSTS = 64, 6


def test_bursts_of_threads_open_as_many_connections_as_there_are_threads(service):
    service.socket.listen(2 * THREADS)  # more than five may wait for the service to take them
    together = threading.Barrier(THREADS, timeout=TIMEOUT)

    def reply():  # once all have asked
        together.wait()
        return json_reply(COMPLETION)

    answers = []
    with ChatCompletionsClient(service.url, KEY, retry_total=0) as client:
        for _ in range(BURSTS):
            service.reply(*[reply] * THREADS)
            threads = [
                threading.Thread(target=lambda: answers.append(client.complete(messages=MESSAGES)))
                for _ in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert answers == [COMPLETION] * THREADS * BURSTS
    assert service.connections <= THREADS + 2


# 16. Hosts.

PREVIEW = "2024-05-01-preview"
FOUNDRY, FOUNDRY_US = "https://ai.azure.com/.default", "https://ai.azure.us/.default"
COGNITIVE_US, COGNITIVE_CN = (f"https://cognitiveservices.azure.{cloud}/.default" for cloud in ("us", "cn"))
ML, ML_US = "https://ml.azure.com/.default", "https://ml.azure.us/.default"

HOSTS = [
    # sovereign clouds
    ("a.openai.azure.us/openai/deployments/g", "/openai/deployments/g", PREVIEW, COGNITIVE_US),
    ("a.cognitiveservices.azure.us/openai/deployments/g", "/openai/deployments/g", PREVIEW, COGNITIVE_US),
    ("a.openai.azure.cn/openai/deployments/g", "/openai/deployments/g", PREVIEW, COGNITIVE_CN),
    ("a.cognitiveservices.azure.cn/openai/deployments/g", "/openai/deployments/g", PREVIEW, COGNITIVE_CN),
    ("a.openai.azure.us/openai/v1", "/openai/v1", None, FOUNDRY_US),
    ("a.services.ai.azure.us/openai/v1", "/openai/v1", None, FOUNDRY_US),
    ("a.inference.ml.azure.us/score", "/score", PREVIEW, ML_US),
    # what only looks like one
    ("azure.us.example.com/x", "/x", PREVIEW, ML),
    ("notazure.us/x", "/x", PREVIEW, ML),
    # projects, and resources without a route
    ("a.services.ai.azure.com/api/projects/P", "/api/projects/P/openai/v1", None, FOUNDRY),
    ("a.services.ai.azure.com/api/projects/P/", "/api/projects/P/openai/v1", None, FOUNDRY),
    ("a.services.ai.azure.com/api/projects/P/openai/v1", "/api/projects/P/openai/v1", None, FOUNDRY),
    ("a.services.ai.azure.com", "/openai/v1", None, FOUNDRY),
    ("a.services.ai.azure.com/", "/openai/v1", None, FOUNDRY),
    ("a.openai.azure.com", "/openai/v1", None, FOUNDRY),
    ("a.cognitiveservices.azure.com", "/openai/v1", None, FOUNDRY),
]


@pytest.mark.parametrize(("endpoint", "path", "api_version", "scope"), HOSTS)
async def test_hosts_get_the_route_the_version_and_the_scope_of_their_kind(
    twin, service, endpoint, path, api_version, scope
):
    """The service stands in for every host, as a proxy."""
    credential = token_credential(twin)
    client = twin.chat(f"http://{endpoint}", credential, proxies={"http": service.url})
    await client.complete(messages=MESSAGES, enforce_https=False)
    assert service.request.path == f"{path}/chat/completions"
    assert service.request.query == ([("api-version", api_version)] if api_version else [])
    assert credential.scopes == (scope,)


# 17. Keywords and attributes of today.

KEYWORDS = {
    "verbosity": "low",
    "service_tier": "flex",
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "safety_identifier": "s",
    "prediction": {"type": "content", "content": "a"},
    "web_search_options": {},
    "audio": {"voice": "alloy", "format": "wav"},
    "moderation": {"model": "m"},
}


@pytest.mark.parametrize("name", KEYWORDS)
async def test_keywords_of_today_travel_as_extras(twin, service, name):
    await twin.chat(model_extras={"k": 1}).complete(messages=MESSAGES, **{name: KEYWORDS[name]})
    assert service.request.json == {**BODY, "k": 1, name: KEYWORDS[name]}
    assert service.request.headers["extra-parameters"] == "pass-through"
    assert name in inspect.getfullargspec(twin.sdk.ChatCompletionsClient.complete).kwonlyargs


@pytest.mark.parametrize("name", KEYWORDS)
async def test_keywords_of_today_win_over_extras_and_are_added_to_a_body(twin, service, name):
    client = twin.chat(model_extras={name: "x"})
    await client.complete(messages=MESSAGES, **{name: KEYWORDS[name]})
    await client.complete(BODY, **{name: KEYWORDS[name]})
    assert [request.json for request in service.requests] == [{**BODY, name: KEYWORDS[name]}] * 2


@pytest.mark.parametrize("name", KEYWORDS)
def test_keywords_of_today_are_documented(name):
    assert f":keyword {name}:" in inspect.getdoc(ChatCompletionsClient.complete)


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_efforts_of_today_are_documented(effort):
    _, _, text = inspect.getdoc(ChatCompletionsClient.complete).partition(":keyword reasoning_effort:")
    assert f'"{effort}"' in text.partition(":keyword ")[0]


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        (models.ChatCompletions, "service_tier"),
        (models.StreamingChatCompletionsUpdate, "service_tier"),
        (models.ChatResponseMessage, "annotations"),
        (models.PromptUsageDetails, "cache_write_tokens"),
        (models.CompletionsUsageDetails, "accepted_prediction_tokens"),
        (models.CompletionsUsageDetails, "rejected_prediction_tokens"),
    ],
)
def test_attributes_of_today_are_declared(kind, attribute):
    assert attribute in dir(kind)
    assert getattr(kind({attribute: 5}), attribute) == 5
    assert kind(**{attribute: 5}) == {attribute: 5}


async def test_padding_of_a_stream_is_no_part_of_the_completion(twin, service):
    service.stream(update("a", obfuscation="xyz"), update(finish_reason="stop", obfuscation="zz"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    completion = await stream.get_final_completion()
    assert "obfuscation" not in completion
    assert completion.choices[0].message.content == "a"


# 18. The headers of answers.

HEADERS = {"X-RateLimit-Remaining-Requests": "7", "apim-request-id": "request-1"}


async def answered(twin, service, name):
    """An answer of each kind that came with the headers above."""
    if name == "stream":
        service.reply(Reply([event(update("a")), event(update(finish_reason="stop")), DONE], headers=HEADERS))
        return await twin.chat().complete(messages=MESSAGES, stream=True)
    made = {
        "completion": (COMPLETION, lambda: twin.chat().complete(messages=MESSAGES)),
        "embeddings": ({"data": []}, lambda: twin.embeddings().embed(input=["a"])),
        "image embeddings": ({"data": []}, lambda: twin.image_embeddings().embed(input=[{"image": "i"}])),
        "model info": ({"model_name": "m"}, lambda: twin.chat().get_model_info()),
    }
    body, call = made[name]
    service.reply(json_reply(body, **HEADERS))
    return await call()


MODELS = ["completion", "embeddings", "image embeddings", "model info"]


@pytest.mark.parametrize("name", [*MODELS, "stream"])
async def test_an_answer_has_the_headers_of_its_response(twin, service, name):
    answer = await answered(twin, service, name)
    assert answer.response_headers["x-ratelimit-remaining-requests"] == "7"
    assert answer.response_headers["X-RATELIMIT-REMAINING-REQUESTS"] == "7"
    assert answer.response_headers.get("absent") is None
    assert answer.request_id == "request-1"


@pytest.mark.parametrize("name", MODELS)
async def test_headers_are_no_part_of_the_answer(twin, service, name):
    answer = await answered(twin, service, name)
    assert answer.response_headers
    plain = {"completion": COMPLETION, "model info": {"model_name": "m"}}.get(name, {"data": []})
    assert answer == {**answer} == dict(answer) == answer.as_dict() == plain
    assert json.loads(json.dumps(answer)) == plain
    assert "request-1" not in repr(answer) + str(answer)
    for again in (answer.copy(), copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):
        assert again == plain
        assert type(again) is type(answer)


@pytest.mark.parametrize("header", ["apim-request-id", "x-request-id"])
async def test_the_request_id_is_read_from_the_header_that_the_service_has(twin, service, header):
    service.reply(json_reply(COMPLETION, **{header: "request-1"}))
    assert (await twin.chat().complete(messages=MESSAGES)).request_id == "request-1"


async def test_model_info_that_is_kept_keeps_its_headers(twin, service):
    client = twin.chat()
    service.reply(json_reply({"model_name": "m"}, **HEADERS))
    assert (await client.get_model_info()).request_id == (await client.get_model_info()).request_id == "request-1"


def test_what_a_program_makes_has_no_headers():
    for kind in (models.ChatCompletions, models.EmbeddingsResult, models.ModelInfo):
        assert not kind({}).response_headers
        assert kind({}).request_id is None


async def test_errors_have_the_headers_of_their_response(twin, service):
    service.reply(json_reply({}, 429, **HEADERS))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat().complete(messages=MESSAGES)
    assert raised.value.response.headers["x-ratelimit-remaining-requests"] == "7"
