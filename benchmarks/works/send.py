"""Calls with large requests: 200 messages with tools, as dicts or as models, and a large image."""

from functools import cache, partial
from typing import Any

from benchmarks.clients import Json
from benchmarks.work import Functions, Work
from benchmarks.works.call import COMPLETION_PATH, by_hand, openai, sdk

TEXT = "The quick brown fox jumps over the lazy dog. " * 4
TURNS = 50
UNIT = {"enum": ["celsius", "fahrenheit"]}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}, "unit": UNIT}, "required": ["city"]}
FUNCTIONS: list[Json] = [
    {"name": f"tool_{number}", "description": TEXT, "parameters": PARAMETERS} for number in range(10)
]
FUNCTION_CALL = {"name": "tool_1", "arguments": '{"city": "Seattle", "unit": "celsius"}'}
TURN: list[Json] = [
    {"role": "user", "content": TEXT},
    {"role": "assistant", "tool_calls": [{"type": "function", "id": "call_1", "function": FUNCTION_CALL}]},
    {"role": "tool", "tool_call_id": "call_1", "content": TEXT},
    {"role": "assistant", "content": TEXT},
]
TOOLS = [{"type": "function", "function": function} for function in FUNCTIONS]
CONVERSATION: Json = {"messages": TURN * TURNS, "tools": TOOLS, "model": "m"}


@cache
def typed() -> Json:
    """Make the same conversation from models."""
    from azure.ai.inference import models

    call = models.ChatCompletionsToolCall(id="call_1", function=models.FunctionCall(**FUNCTION_CALL))
    messages: list[Any] = []
    for _ in range(TURNS):
        messages += [models.UserMessage(TEXT), models.AssistantMessage(tool_calls=[call])]
        messages += [models.ToolMessage(tool_call_id="call_1", content=TEXT), models.AssistantMessage(TEXT)]
    functions = [models.FunctionDefinition(**function) for function in FUNCTIONS]
    tools = [models.ChatCompletionsToolDefinition(function=function) for function in functions]
    return {**CONVERSATION, "messages": messages, "tools": tools}


def untyped() -> Json:
    """Return the conversation as dicts."""
    return CONVERSATION


@cache
def image() -> Json:
    """Make a conversation about an image of 10 MB."""
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,".ljust(10_000_000, "A")}}
    return {"messages": [{"role": "user", "content": [part]}], "model": "m"}


WORKS = {
    "send-dicts": Work(
        title="send 200 messages with tools",
        functions=Functions(
            sdk=partial(sdk, untyped), openai=partial(openai, untyped), by_hand=partial(by_hand, untyped)
        ),
        size=100,
        quick_size=8,
        path=COMPLETION_PATH,
    ),
    "send-typed": Work(
        title="the same messages, typed",
        functions=Functions(
            sdk=partial(sdk, typed), openai=partial(openai, untyped), by_hand=partial(by_hand, untyped)
        ),
        size=100,
        quick_size=8,
        path=COMPLETION_PATH,
        without=("fast", "openai"),
    ),
    "send-image": Work(
        title="send an image of 10 MB",
        functions=Functions(sdk=partial(sdk, image), openai=partial(openai, image), by_hand=partial(by_hand, image)),
        size=1,
        quick_size=1,
        path=COMPLETION_PATH,
        metrics=("growth",),
        without=("fast", "openai"),
    ),
}
