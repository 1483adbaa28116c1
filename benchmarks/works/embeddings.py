"""Parsing embeddings of 1,536 dimensions, sent as numbers or in base64, and reading every number."""

import base64
import json
from array import array
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.clients import Json
from benchmarks.work import Functions, Work

TEXTS: Json = {"input": ["a text"], "model": "m"}  # openai then requests base64 by default
FLOAT, BASE64 = {**TEXTS, "encoding_format": "float"}, {**TEXTS, "encoding_format": "base64"}


def sdk(body: Json, client: Any, _size: int) -> Iterator[Any]:
    for item in client.embed(**body).data:
        yield item.to_floats() if body is BASE64 and hasattr(item, "to_floats") else item.embedding


def openai(body: Json, client: Any, _size: int) -> Iterator[Any]:
    for item in client.embeddings.create(**body).data:
        yield item.embedding


def by_hand(body: Json, client: Any, _size: int) -> Iterator[Any]:
    for item in json.loads(client.post(body, "/embeddings"))["data"]:
        yield item["embedding"]


def read(embedding: Any) -> float:
    """Read every number. Base64 is decoded as users of 1.0.0b9 have to decode it."""
    return sum(array("f", base64.b64decode(embedding)) if isinstance(embedding, str) else embedding)


WORKS = {
    "embeddings": Work(
        title="embeddings",
        functions=Functions(sdk=partial(sdk, FLOAT), openai=partial(openai, FLOAT), by_hand=partial(by_hand, FLOAT)),
        size=2048,
        quick_size=64,
        path="embeddings-{size}/0/0/length",
        client="embeddings",
        metrics=("cpu", "peak"),
        use=read,
        is_whole=True,
        without=("openai",),
    ),
    "embeddings-base64": Work(
        title="embeddings in base64",
        functions=Functions(sdk=partial(sdk, BASE64), openai=partial(openai, TEXTS), by_hand=partial(by_hand, BASE64)),
        size=2048,
        quick_size=512,
        path="base64-{size}/0/0/length",
        client="embeddings",
        metrics=("cpu", "peak"),
        use=read,
        is_whole=True,
        without=(),
    ),
}
