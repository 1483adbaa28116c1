"""get_model_info() and load_client()."""

import asyncio

import pytest
from azure.ai.inference.models import ModelInfo, ModelType, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from loopback import INFO, json_reply

SPELLINGS = {
    "ChatCompletionsClient": [
        "chat_completion",
        "chat_completions",
        "chat-completion",
        "chat-completions",
        "chat completion",
        "chat completions",
        "chat",
        "completion",
        "Chat_Completion",
    ],
    "EmbeddingsClient": [
        "embeddings",
        "embedding",
        "text_embedding",
        "text_embeddings",
        "text-embeddings",
        "text embedding",
        "text embeddings",
    ],
    "ImageEmbeddingsClient": [
        "image_embeddings",
        "image_embedding",
        "image-embedding",
        "image-embeddings",
        "image embedding",
        "image embeddings",
    ],
}


async def test_model_info_is_cached(twin, service):
    client = twin.chat()
    assert "model_name" not in str(client.raw)
    info = await client.get_model_info()
    assert isinstance(info, ModelInfo)
    assert info == INFO
    assert info.model_type is ModelType.CHAT_COMPLETION
    assert await client.get_model_info() is info
    assert service.request.target == "/info?api-version=2024-05-01-preview"
    assert str(client.raw) == f"{client.raw!r}\n{dict(INFO)}"


async def test_all_clients_have_get_model_info(twin, service):
    for client in (twin.embeddings(), twin.image_embeddings(api_version=None)):
        assert await client.get_model_info(headers={"a": "b"}) == INFO
    assert [request.target for request in service.requests] == ["/info?api-version=2024-05-01-preview", "/info"]
    assert {request.headers["a"] for request in service.requests} == {"b"}


async def test_info_for_a_named_model_is_not_cached(twin, service):
    service.reply(INFO, {**INFO, "model_name": "a"}, {**INFO, "model_name": "a"})
    client = twin.chat()
    own = await client.get_model_info()
    assert (await client.get_model_info(model="a")).model_name == "a"
    assert (await client.get_model_info(model="a", params={"q": "z"})).model_name == "a"
    assert await client.get_model_info() is own
    assert service.requests[1].query == [("model", "a"), ("api-version", "2024-05-01-preview")]
    assert service.requests[2].query[:2] == [("model", "a"), ("q", "z")]


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_endpoints_without_the_route(twin, service, status):
    service.reply(*[json_reply({"error": {"code": "c", "message": "m"}}, status)] * 2)
    with pytest.raises(ResourceNotFoundError, match="Model information is not available on this endpoint") as raised:
        await twin.chat().get_model_info()
    assert (raised.value.status_code, raised.value.error.code) == (status, "c")
    assert "m" in raised.value.message
    assert isinstance(raised.value.__cause__, HttpResponseError)
    with pytest.raises(ResourceNotFoundError, match="`load_client` function does not work on this endpoint") as raised:
        await twin.load_client()
    assert "Construct ChatCompletionsClient, EmbeddingsClient or ImageEmbeddingsClient" in str(raised.value)


async def test_other_errors_are_unchanged(twin, service):
    service.reply(json_reply({}, 401), json_reply({}, 401))
    with pytest.raises(ClientAuthenticationError):
        await twin.chat().get_model_info()
    with pytest.raises(ClientAuthenticationError):
        await twin.load_client()


@pytest.mark.parametrize(("name", "spelling"), [(name, spelling) for name in SPELLINGS for spelling in SPELLINGS[name]])
async def test_every_spelling_of_a_model_type(twin, service, name, spelling):
    service.reply({**INFO, "model_type": spelling})
    client = await twin.load_client()
    assert type(client.raw) is getattr(twin.sdk, name)
    assert (await client.get_model_info()).model_name == "m"
    assert len(service.requests) == 1


@pytest.mark.parametrize("info", [{"model_name": "m"}, {"model_type": None}, {"model_type": "image_generation"}])
async def test_model_types_without_a_client(twin, service, info):
    service.reply(info)
    with pytest.raises(ValueError, match=r"No client available to support AI model type `(None|image_generation)`"):
        await twin.load_client()


async def test_load_client_passes_keywords_on_and_reuses_the_connection(twin, service):
    client = await twin.load_client(temperature=0.5, headers={"a": "b"})
    await client.complete(messages=[UserMessage("hi")])
    info, completion = service.requests
    assert completion.json == {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.5}
    assert info.headers["a"] == completion.headers["a"] == "b"
    assert service.connections == 1


async def test_invalid_arguments_raise_before_anything_is_sent(twin, service):
    with pytest.raises(ValueError, match="'endpoint'"):
        await twin.sdk.load_client("nowhere", AzureKeyCredential("k"))
    with pytest.raises(TypeError, match="'credential'"):
        await twin.sdk.load_client(service.url, "k")
    assert service.requests == []


async def test_a_client_that_was_not_made_leaves_no_connection_open(twin, service):
    service.reply({**INFO, "model_type": "odd"})
    with pytest.raises(ValueError, match="odd") as raised:
        await twin.load_client()
    assert await asyncio.to_thread(service.all_closed)
    assert raised.value.__traceback__  # which keeps all that the function had


async def test_the_reason_of_a_missing_route_is_told_whatever_its_shape(twin, service):
    service.reply(json_reply({"error": "no_route", "message": "not here", "status": 404}, 404))
    with pytest.raises(ResourceNotFoundError, match="not here") as raised:
        await twin.chat().get_model_info()
    assert (raised.value.error.code, raised.value.error.message) == ("no_route", "not here")
