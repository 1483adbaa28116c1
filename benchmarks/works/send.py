"""Calls that send much: 200 messages with tools, as dicts or typed, and a large image."""

from functools import cache, partial
from typing import Any

from benchmarks.clients import Json
from benchmarks.work import Work
from benchmarks.works.call import ANSWER, by_hand, openai, sdk

WORDS = "The quick brown fox jumps over the lazy dog. " * 4
TURNS = 50
UNIT = {"enum": ["celsius", "fahrenheit"]}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}, "unit": UNIT}, "required": ["city"]}
FUNCTIONS: list[Json] = [
    {"name": f"tool_{number}", "description": WORDS, "parameters": PARAMETERS} for number in range(10)
]
CALLED = {"name": "tool_1", "arguments": '{"city": "Seattle", "unit": "celsius"}'}
TURN: list[Json] = [
    {"role": "user", "content": WORDS},
    {"role": "assistant", "tool_calls": [{"type": "function", "id": "call_1", "function": CALLED}]},
    {"role": "tool", "tool_call_id": "call_1", "content": WORDS},
    {"role": "assistant", "content": WORDS},
]
TOOLS = [{"type": "function", "function": function} for function in FUNCTIONS]
CONVERSATION: Json = {"messages": TURN * TURNS, "tools": TOOLS, "model": "m"}


@cache
def typed() -> Json:
    """Make the same conversation of models."""
    from azure.ai.inference import models

    call = models.ChatCompletionsToolCall(id="call_1", function=models.FunctionCall(**CALLED))
    messages: list[Any] = []
    for _ in range(TURNS):
        messages += [models.UserMessage(WORDS), models.AssistantMessage(tool_calls=[call])]
        messages += [models.ToolMessage(tool_call_id="call_1", content=WORDS), models.AssistantMessage(WORDS)]
    functions = [models.FunctionDefinition(**function) for function in FUNCTIONS]
    tools = [models.ChatCompletionsToolDefinition(function=function) for function in functions]
    return {**CONVERSATION, "messages": messages, "tools": tools}


def dicts() -> Json:
    """Return the conversation."""
    return CONVERSATION


@cache
def image() -> Json:
    """Make a conversation about an image of 10 MB."""
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,".ljust(10_000_000, "A")}}
    return {"messages": [{"role": "user", "content": [part]}], "model": "m"}


DICTS = (partial(sdk, dicts), partial(openai, dicts), partial(by_hand, dicts))
TYPED = (partial(sdk, typed), *DICTS[1:])
IMAGE = tuple(partial(function, image) for function in (sdk, openai, by_hand))
SAME = ("fast", "openai")
WORKS = {
    "send-dicts": Work("send 200 messages with tools", DICTS, 100, 8, ANSWER),
    "send-typed": Work("the same messages, typed", TYPED, 100, 8, ANSWER, without=SAME),
    "send-image": Work("send an image of 10 MB", IMAGE, 1, 1, ANSWER, metrics=("growth",), without=SAME),
}
