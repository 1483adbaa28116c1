"""The public names of 1.0.0b9 and 1.0.0b6, with their signatures. Additions are listed here."""

import enum
import importlib
import inspect
import json
from pathlib import Path

import pytest
from azure.ai.inference import models
from azure.ai.inference._model_base import Model
from azure.ai.inference.models import _models, _patch

SURFACE = Path(__file__).with_name("data") / "surface"
MODULES = (
    "azure.ai.inference",
    "azure.ai.inference.aio",
    "azure.ai.inference.models",
    "azure.ai.inference.prompts",
    "azure.ai.inference.tracing",
)
B9, B6 = (
    {
        f"{module}.{name}": facts
        for module, names in json.loads((SURFACE / f"{version}.json").read_text(encoding="utf-8")).items()
        if module in MODULES
        for name, facts in names.items()
    }
    for version in ("1.0.0b9", "1.0.0b6")
)

NEW_NAMES = {
    "azure.ai.inference.tracing": [],
    "azure.ai.inference.prompts": [],
    "azure.ai.inference": [],
    "azure.ai.inference.aio": [],
    "azure.ai.inference.models": [
        "AsyncBulkIterator",
        "AsyncStreamingToolRun",
        "AudioUrl",
        "AudioUrlContentItem",
        "BulkCompletion",
        "BulkFailure",
        "BulkIterator",
        "ChatCompletionsAudio",
        "ChatCompletionsFunctionToolDefinition",
        "ChatRequestAudioReference",
        "CompletionsUsageDetails",
        "PromptUsageDetails",
        "StreamingToolRun",
        "ToolRoundsExceededError",
        "ToolRun",
    ],
}
NEWER_KEYWORDS = [
    *("max_completion_tokens", "n", "logprobs", "top_logprobs", "logit_bias", "parallel_tool_calls"),
    *("reasoning_effort", "stream_options", "modalities", "user", "metadata", "store", "verbosity"),
    *("service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "prediction"),
    *("web_search_options", "audio", "moderation"),
]
NEW_PARAMETERS = {"get_model_info": ["model"], "complete": NEWER_KEYWORDS, "__init__": NEWER_KEYWORDS}
NEW_PARAMETERS["instrument"] = ["semantic_conventions", "tracer_provider", "meter_provider", "logger_provider"]
NEW_MEMBERS = {"ModelType": ["CHAT"]}
GONE_FROM_B6 = ["ChatCompletionsResponseFormat", "ChatCompletionsResponseFormatJSON"]
GONE_FROM_B6 += ["ChatCompletionsResponseFormatText", "EmbeddingInput"]


def find(path):
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def of_kind(kind, version=B9):
    return [path for path, facts in version.items() if facts["kind"] == kind]


def is_model(path):
    return B9[path].get("model", False)


def check_signature(function, recorded, name):
    """Check that all recorded parameters exist, with the same kind and optionality. Additions are listed."""
    ours = list(inspect.signature(function).parameters.values())
    ours = ours[1:] if ours and ours[0].name == "self" else ours
    added = NEW_PARAMETERS.get(name, [])
    assert [parameter.name for parameter in ours if parameter.name not in added] == [p["name"] for p in recorded]
    for parameter in recorded:
        mine = next(p for p in ours if p.name == parameter["name"])
        assert mine.kind.name == parameter["kind"], name
        if "default" in parameter:
            assert mine.default == (None if parameter["default"] == "<unset>" else parameter["default"])
        else:
            assert mine.default is mine.empty


@pytest.mark.parametrize("path", [*B9, *B6])
def test_every_public_name_exists(path):
    assert find(path)


@pytest.mark.parametrize("module", MODULES)
def test_new_names_are_listed(module):
    known = {path.rpartition(".")[2] for path in [*B9, *B6] if path.rpartition(".")[0] == module}
    assert sorted(set(importlib.import_module(module).__all__) - known) == NEW_NAMES[module]


@pytest.mark.parametrize("path", of_kind("enum") + of_kind("enum", B6))
def test_enums(path):
    members = {name: member.value for name, member in find(path).__members__.items()}
    recorded = {**B9[path]["members"], **B6.get(path, {"members": {}})["members"]}
    assert members == recorded
    assert members.keys() - B9[path]["members"].keys() == set(NEW_MEMBERS.get(path.rpartition(".")[2], []))
    assert all(isinstance(member, str) and isinstance(member, enum.Enum) for member in find(path))


@pytest.mark.parametrize("path", of_kind("function"))
def test_functions(path):
    function = find(path)
    check_signature(function, B9[path]["params"], function.__name__)
    assert inspect.iscoroutinefunction(function) == B9[path]["async"]


@pytest.mark.parametrize("path", [path for path in of_kind("class") if not is_model(path)])
def test_classes_that_are_not_models(path):
    cls, facts = find(path), B9[path]
    check_signature(cls, facts["init"], "__init__")
    for name, method in facts["methods"].items():
        ours = getattr(cls, name)
        assert inspect.iscoroutinefunction(ours) == method["async"], name
        if not name.startswith("__"):
            check_signature(ours, method["params"], name)


@pytest.mark.parametrize("path", [path for path in of_kind("class") if is_model(path)])
def test_models(path):
    cls, facts = find(path), B9[path]
    assert issubclass(cls, Model)
    for base in facts["bases"]:
        assert issubclass(cls, getattr(models, base))
    for name, field in facts["fields"].items():
        assert isinstance(inspect.getattr_static(cls, name), property)
        assert cls._fields[name].key == field["wire"]
        assert (cls._fields[name].format == "unix-timestamp") == (field["format"] == "unix-timestamp")
    for overload in facts["init"]:
        check_constructor(cls, overload)
    for name, method in facts["methods"].items():
        ours = getattr(cls, name)
        if method["classmethod"]:
            check_signature(ours, method["params"], name)


def check_constructor(cls, overload):
    """Check that all arguments of the recorded signature are accepted, positional ones also by position."""
    if [parameter["name"] for parameter in overload] == ["mapping"]:
        assert cls({"a": 1})["a"] == 1
        return
    keywords = {parameter["name"]: "x" for parameter in overload}
    assert cls(**keywords).items() >= {cls._fields[name].key: "x" for name in keywords}.items()
    positional = [parameter["name"] for parameter in overload if parameter["kind"] == "POSITIONAL_OR_KEYWORD"]
    assert cls(*["x"] * len(positional)).items() >= dict.fromkeys(positional, "x").items()


@pytest.mark.parametrize("name", GONE_FROM_B6)
def test_names_removed_before_1_0_0b9(name):
    assert f"azure.ai.inference.models.{name}" in B6
    assert f"azure.ai.inference.models.{name}" not in B9
    assert issubclass(getattr(models, name), Model)


def test_older_and_other_names():
    assert models.EmbeddingInput is models.ImageEmbeddingInput
    assert models.ChatCompletionsFunctionToolDefinition is models.ChatCompletionsToolDefinition
    assert models.ChatCompletionsResponseFormatText() == {"type": "text"}
    assert models.ChatCompletionsResponseFormatJSON() == {"type": "json_object"}


@pytest.mark.parametrize(
    "name",
    [
        *(path.rpartition(".")[2] for path in B9 if B9[path].get("model") and not path.endswith("Message")),
        "ChatCompletionsResponseFormat",
        "ChatCompletionsResponseFormatJsonObject",
        "ChatCompletionsResponseFormatJsonSchema",
        "ChatCompletionsResponseFormatText",
        "ChatRequestAssistantMessage",
        "ChatRequestDeveloperMessage",
        "ChatRequestMessage",
        "ChatRequestSystemMessage",
        "ChatRequestToolMessage",
        "ChatRequestUserMessage",
        "ChatResponseMessage",
    ],
)
def test_wire_classes_can_be_imported_from_their_module(name):
    cls = getattr(_models, name)
    assert issubclass(cls, Model)
    assert not hasattr(models, name) or getattr(models, name) is cls
    assert cls.__module__ == "azure.ai.inference.models._models"


@pytest.mark.parametrize(
    "path", [path for path in B9 if path.startswith(("azure.ai.inference.C", "azure.ai.inference.E"))]
)
def test_module_of_the_clients(path):
    assert find(path).__module__ == "azure.ai.inference._patch"
    assert find(path.replace("inference", "inference.aio")).__module__ == "azure.ai.inference.aio._patch"


def test_streams_share_a_base():
    assert issubclass(models.StreamingChatCompletions, _patch.BaseStreamingChatCompletions)
    assert issubclass(models.AsyncStreamingChatCompletions, _patch.BaseStreamingChatCompletions)
