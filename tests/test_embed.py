"""embed(): requests and results."""

import base64
import io
import json
import struct
import sys
from array import array

import pytest
from azure.ai.inference.models import (
    EmbeddingEncodingFormat,
    EmbeddingInputType,
    EmbeddingItem,
    EmbeddingsResult,
    ImageEmbeddingInput,
)
from azure.core.exceptions import DecodeError, ResourceNotFoundError
from loopback import EMBEDDINGS, json_reply

IMAGE = ImageEmbeddingInput(image="data:image/png;base64,AAAA", text="cat")
KINDS = {"embeddings": ("/embeddings", ["a"]), "image_embeddings": ("/images/embeddings", [IMAGE])}


@pytest.fixture(params=KINDS)
def embedder(request, twin):
    """A factory of clients, the route of the client, and an input for it."""
    return (getattr(twin, request.param), *KINDS[request.param])


async def test_result_is_a_model_of_the_response_body(embedder, service):
    make, route, given = embedder
    result = await make().embed(input=given)
    assert isinstance(result, EmbeddingsResult)
    assert result == EMBEDDINGS
    assert result.data[0].embedding == [0.25, -1]
    assert result.data[0].index == 0
    assert result.usage.total_tokens == 1
    assert json.loads(str(result)) == EMBEDDINGS
    assert service.request.path == route


async def test_omitted_keywords_fall_back_to_the_defaults_of_the_client(embedder, service):
    make, _, given = embedder
    settings = {"dimensions": 8, "encoding_format": "float", "input_type": "query", "model": "a"}
    client = make(**settings, model_extras={"k": 1})
    await client.embed(input=given, dimensions=0, input_type=EmbeddingInputType.DOCUMENT, model="")
    assert list(service.request.json.items()) == [
        ("input", given),
        ("dimensions", 0),
        ("encoding_format", "float"),
        ("input_type", "document"),
        ("model", ""),
        ("k", 1),
    ]
    assert service.request.headers["extra-parameters"] == "pass-through"


@pytest.mark.parametrize("collect", [tuple, iter])
async def test_input_may_be_any_iterable(embedder, service, collect):
    make, _, given = embedder
    await make().embed(input=collect(given))
    assert service.request.json == {"input": given}


@pytest.mark.off_spec
async def test_single_text_is_sent_unchanged(twin, service):
    await twin.embeddings().embed(input="a")
    assert service.request.json == {"input": "a"}


@pytest.mark.parametrize("given", [b"a", 5, {"image": "x"}, IMAGE])
async def test_inputs_of_invalid_types_are_refused(embedder, service, given):
    with pytest.raises(TypeError, match="`input` must be a sequence of inputs"):
        await embedder[0]().embed(input=given)
    assert service.requests == []


async def test_missing_input_raises_before_anything_is_sent(embedder, service):
    with pytest.raises(TypeError, match="missing required argument: input"):
        await embedder[0]().embed()
    assert service.requests == []


def encoded(body):
    return json.dumps(body).encode()


def file(body):
    return io.BytesIO(encoded(body))


@pytest.mark.parametrize("wrap", [dict, encoded, file])
async def test_body_is_sent_unchanged(embedder, service, wrap):
    make, _, given = embedder
    await make(model="m").embed(wrap({"input": given}))
    assert service.request.json == {"input": given}


@pytest.mark.parametrize("encoding", [EmbeddingEncodingFormat.BASE64, "base64"])
async def test_encoded_vectors_are_returned_unchanged(twin, service, encoding):
    service.reply({**EMBEDDINGS, "data": [{"index": 0, "object": "embedding", "embedding": "AACAPgAAgL8="}]})
    result = await twin.embeddings().embed(input=["a"], encoding_format=encoding)
    assert result.data[0].embedding == "AACAPgAAgL8="
    assert service.request.json["encoding_format"] == "base64"


async def test_vectors_are_neither_copied_nor_converted(twin, service):
    result = await twin.embeddings().embed(input=["a"])
    assert result.data is result.data
    assert result.data[0].embedding is result.data[0].embedding is result["data"][0]["embedding"]
    assert [type(number) for number in result.data[0].embedding] == [float, int]


async def test_invalid_responses_raise_decode_error(embedder, service):
    service.reply(json_reply([1]))
    with pytest.raises(DecodeError):
        await embedder[0]().embed(input=embedder[2])


async def test_model_without_embeddings(embedder, service):
    service.reply(json_reply({"error": {"code": "404", "message": "No such route"}}, 404))
    with pytest.raises(ResourceNotFoundError, match="No such route"):
        await embedder[0]().embed(input=embedder[2])


FLOATS = array("f", [0.25, -1.0, 3.5])


@pytest.mark.parametrize("floats", [FLOATS, array("f")])
def test_to_floats_of_base64(floats):
    packed = struct.pack(f"<{len(floats)}f", *floats)
    assert EmbeddingItem(embedding=base64.b64encode(packed).decode()).to_floats() == floats


def test_to_floats_of_numbers():
    assert EmbeddingItem(embedding=[0.25, -1, 3.5]).to_floats() == FLOATS


def test_to_floats_on_big_endian_machines(monkeypatch):
    monkeypatch.setattr(sys, "byteorder", "big")
    swapped = array("f", FLOATS)
    swapped.byteswap()
    assert EmbeddingItem(embedding=base64.b64encode(swapped.tobytes()).decode()).to_floats() == FLOATS


@pytest.mark.parametrize("text", ["AAA=", "AAAAA"])
def test_to_floats_of_invalid_base64_raises(text):
    with pytest.raises(ValueError, match=r"bytes|base64"):
        EmbeddingItem(embedding=text).to_floats()
