"""The types of requests and responses."""

import json

import pytest

from azure.ai.inference import models
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatRole,
    DeveloperMessage,
    FunctionCall,
    ImageDetailLevel,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
    _models,
)

MESSAGES = [SystemMessage, DeveloperMessage, UserMessage, AssistantMessage, ToolMessage]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_take_their_content_by_position_by_keyword_and_as_a_mapping(message):
    wire = {"role": message().role, "content": "x"}
    assert message("x") == message(content="x") == message(wire) == message({"content": "x"}) == wire
    assert isinstance(message("x"), models.ChatRequestMessage)
    assert message(None) == message() == {"role": wire["role"]}


@pytest.mark.parametrize("message", MESSAGES)
def test_content_can_be_given_once(message):
    with pytest.raises(ValueError, match="content cannot be provided as positional and keyword arguments"):
        message("x", content="y")
    with pytest.raises(TypeError):
        message("x", "y")


def test_content_by_position_travels_last():
    assert list(ToolMessage("12:00", tool_call_id="t")) == ["role", "tool_call_id", "content"]
    assert list(ToolMessage(content="12:00", tool_call_id="t")) == ["role", "content", "tool_call_id"]


def test_content_items_are_typed_when_read():
    message = UserMessage([TextContentItem(text="a"), {"type": "image_url", "image_url": {"url": "u"}}])
    text, image = message.content
    assert text.text == "a"
    assert isinstance(image, models.ImageContentItem)
    assert image.image_url.url == "u"


def test_tool_calls_are_typed_when_read():
    message = AssistantMessage(tool_calls=[{"id": "1", "type": "function", "function": {"name": "f"}}])
    assert message.tool_calls[0].function.name == "f"
    assert ChatCompletionsToolCall(id="1", function=FunctionCall(name="f", arguments="{}")).type == "function"


def test_the_wire_classes_tell_roles_apart():
    assert _models.ChatRequestMessage.__mapping__ == {
        "system": SystemMessage,
        "developer": DeveloperMessage,
        "user": UserMessage,
        "assistant": AssistantMessage,
        "tool": ToolMessage,
    }


def test_str_of_a_completion_is_indented_json():
    completion = ChatCompletions(id="1", choices=[])
    assert str(completion) == '{\n  "id": "1",\n  "choices": []\n}'
    assert json.loads(str(completion)) == completion


def test_enum_members_are_strings_found_in_any_case():
    assert ImageDetailLevel.Auto is ImageDetailLevel["auto"] is ImageDetailLevel.AUTO
    assert str(ChatRole.USER) == "ChatRole.USER"
    assert ChatRole.USER == "user"


def test_public_names_are_listed():
    assert all(hasattr(models, name) for name in models.__all__)
    assert models.__all__ == sorted(models.__all__)
