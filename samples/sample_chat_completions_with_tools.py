"""Let a model call a function of yours, and answer with what it returns.

    pip install .
    python samples/sample_chat_completions_with_tools.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

DEPARTURES = {"Bergen": "08:04, 12:35 and 16:10", "Trondheim": "07:50 and 14:05"}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": list(DEPARTURES)}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="departures", description="When trains leave for a city.", parameters=PARAMETERS)
)


def departures(arguments: str) -> str:
    """Look up the trains. The model wrote the arguments: they may be wrong."""
    return DEPARTURES.get(json.loads(arguments).get("city"), "There are no trains to this city.")


def main() -> None:
    """Ask, and run the function until the model has what it needs."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages: list[ChatRequestMessage] = [UserMessage("When can I take a train to Bergen? Be brief.")]
    with ChatCompletionsClient(endpoint, credential, tools=[TOOL], max_tokens=50) as client:
        message = client.complete(messages=messages).choices[0].message
        while message.tool_calls:
            messages.append(AssistantMessage(tool_calls=message.tool_calls))
            for call in message.tool_calls:
                result = departures(call.function.arguments)
                print(f"Call: {call.function.name}({call.function.arguments}) gives {result}")
                messages.append(ToolMessage(result, tool_call_id=call.id))
            message = client.complete(messages=messages).choices[0].message
    print(f"Answer: {message.content}")


if __name__ == "__main__":
    main()
