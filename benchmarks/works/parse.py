"""Parsing a response with three tool calls and reading each of its fields."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

from benchmarks.work import Functions, Work

FUNCTION = {"name": "get_weather", "arguments": '{"city": "Seattle", "unit": "celsius"}'}
CALLS = [{"id": f"call_{number:024}", "type": "function", "function": FUNCTION} for number in range(3)]
MESSAGE = {"role": "assistant", "content": None, "tool_calls": CALLS}
CHOICE = {"index": 0, "finish_reason": "tool_calls", "message": MESSAGE}
USAGE = {"prompt_tokens": 81, "completion_tokens": 57, "total_tokens": 138}
METADATA = {"id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012", "created": 1_700_000_000, "model": "gpt-4o-mini-2024-07-18"}
RESPONSE = json.dumps({**METADATA, "object": "chat.completion", "choices": [CHOICE], "usage": USAGE})


def read(completion: Any) -> list[Any]:
    """Read every field of a completion."""
    choice, usage = completion.choices[0], completion.usage
    message = choice.message
    fields = [completion.id, completion.created, completion.model, choice.index, choice.finish_reason, message.role]
    fields += [message.content, usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]
    for call in message.tool_calls:
        fields += [call.id, call.type, call.function.name, call.function.arguments]
    return fields


def sdk(_client: Any, size: int) -> Iterator[list[Any]]:
    from azure.ai.inference.models import ChatCompletions

    for _ in range(size):
        yield read(ChatCompletions(json.loads(RESPONSE)))


def openai(_client: Any, size: int) -> Iterator[list[Any]]:
    completion_class = importlib.import_module("openai.types.chat").ChatCompletion
    for _ in range(size):
        yield read(completion_class.construct(**json.loads(RESPONSE)))


def by_hand(_client: Any, size: int) -> Iterator[list[Any]]:
    for _ in range(size):
        completion = json.loads(RESPONSE)
        choice, usage = completion["choices"][0], completion["usage"]
        message = choice["message"]
        fields = [
            completion["id"],
            completion["created"],
            completion["model"],
            choice["index"],
            choice["finish_reason"],
        ]
        fields += [message["role"], message["content"]]
        fields += [usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]]
        for call in message["tool_calls"]:
            fields += [call["id"], call["type"], call["function"]["name"], call["function"]["arguments"]]
        yield fields


WORKS = {
    "parse": Work(
        title="parse 3 tool calls, read every field",
        functions=Functions(sdk=sdk, openai=openai, by_hand=by_hand),
        size=5000,
        quick_size=500,
        client="",
        metrics=("cpu", "instructions"),
    ),
}
