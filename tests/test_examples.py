"""The examples of the specification pass through the models unchanged."""

import copy
import json
from pathlib import Path

import pytest
from azure.ai.inference._model_base import Model
from azure.ai.inference.models import _models
from spec_validate import validate

EXAMPLES = Path(__file__).with_name("data") / "spec" / "examples"
CLASSES = {
    "ChatCompletions": _models.ChatCompletions,
    "EmbeddingsResult": _models.EmbeddingsResult,
    "ModelInfo": _models.ModelInfo,
    "StreamingChatCompletionsUpdate": _models.StreamingChatCompletionsUpdate,
}
MESSAGES = _models.ChatRequestMessage.__mapping__


def load(path):
    example = json.loads(path.read_text(encoding="utf-8"))
    return {"request": {}, "response": {}, **example}


def bodies():
    """Return the response bodies with their model classes."""
    for path in sorted(EXAMPLES.glob("20*/*.json")):
        response = load(path)["response"]
        for number, body in enumerate(response.get("events", [response.get("body")])):
            if response.get("definition") in CLASSES:
                yield pytest.param(CLASSES[response["definition"]], body, id=f"{path.parent.name}-{path.stem}-{number}")


def requests(folder):
    for path in sorted(EXAMPLES.glob(folder)):
        example = load(path)
        if example["request"].get("definition"):
            yield pytest.param(example, id=f"{example['api_version']}-{path.stem}")


def read_every_field(value):
    """Read each attribute of a model, recursively."""
    if isinstance(value, list):
        for item in value:
            read_every_field(item)
    elif isinstance(value, Model):
        for name in {*value._fields, *value}:
            read_every_field(getattr(value, name))


@pytest.mark.parametrize(("model_class", "body"), list(bodies()))
def test_responses_of_the_examples(model_class, body):
    model = model_class(copy.deepcopy(body))
    read_every_field(model)
    assert json.loads(json.dumps(model)) == body
    assert model.as_dict() == body


@pytest.mark.parametrize("example", list(requests("20*/*.json")))
def test_requests_of_the_examples_rebuilt_from_models(example):
    """Convert every message and tool of a request to a model, read it, and return the request."""
    body = example["request"]["body"]
    rebuilt = copy.deepcopy(body)
    for key, make in {
        "messages": lambda message: MESSAGES[message["role"]](message),
        "tools": _models.ChatCompletionsToolDefinition,
    }.items():
        if key in rebuilt:
            rebuilt[key] = [make(item) for item in rebuilt[key]]
            read_every_field(rebuilt[key])
    extra = example["request"]["headers"].get("extra-parameters", "error")
    assert json.loads(json.dumps(rebuilt)) == body
    assert validate(example["api_version"], example["request"]["definition"], rebuilt, extra=extra) == []


@pytest.mark.parametrize("example", list(requests("invalid/*.json")))
def test_the_validator_finds_invalid_requests(example):
    request = example["request"]
    assert validate(example["api_version"], request["definition"], request["body"])


def test_fields_of_later_versions_are_typed():
    body = load(EXAMPLES / "2025-05-01" / "chat_reasoning.json")["response"]["body"]
    answer = _models.ChatCompletions(body)
    assert isinstance(answer.choices[0].message.reasoning_content, str)
    assert isinstance(answer.usage.completion_tokens_details, _models.CompletionsUsageDetails)
    assert isinstance(answer.usage.completion_tokens_details.reasoning_tokens, int)
    assert answer.object == "chat.completion"
