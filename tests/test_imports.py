"""What importing costs: nothing is imported before it is needed."""

import importlib
import json
import subprocess
import sys
import typing

import azure.ai.inference
import pytest

PROGRAM = """
import json, sys
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
client = ChatCompletionsClient("https://example.com", AzureKeyCredential("key-1"))
print(json.dumps(sorted(sys.modules)))
"""
LATER = ["models", "models._models", "aio", "tracing", "_spans", "prompts"]
OTHERS = ["asyncio", "aiohttp", "isodate", "decimal", "orjson", "yaml", "opentelemetry"]


def test_a_client_is_made_without_what_it_does_not_need_yet():
    command = [sys.executable, "-c", PROGRAM]
    loaded = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert "azure.ai.inference._client" in loaded
    assert not {f"azure.ai.inference.{name}" for name in LATER}.intersection(loaded)
    assert not set(OTHERS).intersection(loaded)


def test_the_models_are_there_with_the_package():
    assert azure.ai.inference.models is importlib.import_module("azure.ai.inference.models")
    with pytest.raises(AttributeError, match=r"azure\.ai\.inference.*'nothing'"):
        _ = azure.ai.inference.nothing


def test_the_package_gives_the_models_when_it_is_asked_for_them():
    assert azure.ai.inference.__getattr__("models") is azure.ai.inference.models


@pytest.mark.parametrize("world", ["azure.ai.inference", "azure.ai.inference.aio"])
@pytest.mark.parametrize("name", ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient"])
def test_annotations_can_be_evaluated(world, name):
    kind = getattr(importlib.import_module(world), name)
    for method in (kind.__init__, kind.complete if "Chat" in name else kind.embed, kind.get_model_info):
        assert "return" in typing.get_type_hints(method)
