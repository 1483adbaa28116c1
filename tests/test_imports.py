"""Imports: no module is imported before it is used."""

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
LATER = [
    "models",
    "models._models",
    "aio",
    "tracing",
    "_spans",
    "_recording",
    "_telemetry",
    "_telemetry_fields",
    "prompts",
]
LATER += ["_structured", "_tools", "_tool_loop", "_tool_runner", "_bulk", "_bulk_runner", "limits"]
OTHERS = [
    "subprocess",
    "difflib",
    "asyncio",
    "aiohttp",
    "isodate",
    "decimal",
    "orjson",
    "yaml",
    "opentelemetry",
    "pydantic",
]
CALLS = """
import sys
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletionsToolDefinition, FunctionDefinition, JsonSchemaFormat, UserMessage
from azure.core.credentials import AzureKeyCredential
client = ChatCompletionsClient(sys.argv[1], AzureKeyCredential("key-1"))
tool = ChatCompletionsToolDefinition(function=FunctionDefinition(name="f"))
schema = JsonSchemaFormat(name="n", schema={"type": "object"})
for stream in (False, True):
    answer = client.complete(messages=[UserMessage("a")], tools=[tool], response_format=schema, stream=stream)
list(answer)
print(*{"pydantic", "azure.ai.inference._structured", "azure.ai.inference._tools"}.intersection(sys.modules))
"""


@pytest.mark.azure_core((1, 33), "it imports asyncio itself")
def test_making_a_client_imports_no_unused_modules():
    command = [sys.executable, "-c", PROGRAM]
    loaded = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert "azure.ai.inference._client" in loaded
    assert not {f"azure.ai.inference.{name}" for name in LATER}.intersection(loaded)
    assert not set(OTHERS).intersection(loaded)


def test_calls_without_types_and_functions_do_not_import_pydantic(service):
    command = [sys.executable, "-c", CALLS, service.url]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "\n"


def test_models_are_available_after_importing_the_package():
    assert azure.ai.inference.models is importlib.import_module("azure.ai.inference.models")
    with pytest.raises(AttributeError, match=r"azure\.ai\.inference.*'nothing'"):
        _ = azure.ai.inference.nothing


def test_models_are_imported_on_first_access():
    assert azure.ai.inference.__getattr__("models") is azure.ai.inference.models


@pytest.mark.parametrize("module", ["azure.ai.inference", "azure.ai.inference.aio"])
@pytest.mark.parametrize("name", ["ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient"])
def test_annotations_can_be_evaluated(module, name):
    cls = getattr(importlib.import_module(module), name)
    for method in (cls.__init__, cls.complete if "Chat" in name else cls.embed, cls.get_model_info):
        assert "return" in typing.get_type_hints(method)
