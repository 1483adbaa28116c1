"""Embeddings of 1,536 dimensions: parsing them and reading every number, sent as numbers or in base64."""

import base64
import json
from array import array
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.clients import Json
from benchmarks.work import Work

TEXTS: Json = {"input": ["a text"], "model": "m"}  # for which openai asks for base64 by itself
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
    """Read every number, of base64 as users of 1.0.0b9 have to."""
    return sum(array("f", base64.b64decode(embedding)) if isinstance(embedding, str) else embedding)


NUMBERS = (partial(sdk, FLOAT), partial(openai, FLOAT), partial(by_hand, FLOAT))
ENCODED = (partial(sdk, BASE64), partial(openai, TEXTS), partial(by_hand, BASE64))
BOTH: Json = {"client": "embeddings", "metrics": ("cpu", "peak"), "use": read, "is_whole": True}
WORKS = {
    "embeddings": Work("embeddings", NUMBERS, 2048, 64, "embeddings-{size}/0/0/length", without=("openai",), **BOTH),
    "embeddings-base64": Work(
        "embeddings in base64", ENCODED, 2048, 512, "base64-{size}/0/0/length", without=(), **BOTH
    ),
}
