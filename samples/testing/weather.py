"""Answer questions about the weather with a tool. Its tests in test_weather.py show calls of tools, and streams."""

import json
from collections.abc import Callable, Iterator

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="temperature", description="The temperature in a city.", parameters=PARAMETERS)
)


def answer(client: ChatCompletionsClient, question: str, temperature: Callable[[str], int]) -> Iterator[str]:
    """Yield the answer as it arrives.

    :param temperature: A function that returns the temperature in a city.
    """
    messages: list[ChatRequestMessage] = [UserMessage(question)]
    while True:
        with client.complete(messages=messages, tools=[TOOL], stream=True) as stream:
            yield from stream.text_deltas()
            message = stream.get_final_completion().choices[0].message
        if not message.tool_calls:
            return
        messages.append(AssistantMessage(tool_calls=message.tool_calls))
        for call in message.tool_calls:
            try:
                result = f"{temperature(json.loads(call.function.arguments)['city'])} °C"
            except (ValueError, KeyError) as error:
                result = f"Invalid arguments: {error}"
            messages.append(ToolMessage(result, tool_call_id=call.id))
