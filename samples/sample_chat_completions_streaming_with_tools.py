"""Let a model call functions while its completions are streamed.

    pip install .
    python samples/sample_chat_completions_streaming_with_tools.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from datetime import datetime, timezone

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    ChatResponseMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

FUNCTIONS = {
    "current_date": lambda: datetime.now(timezone.utc).strftime("%A, %d %B %Y"),
    "current_time": lambda: datetime.now(timezone.utc).strftime("%H:%M UTC"),
}
TOOLS = [ChatCompletionsToolDefinition(function=FunctionDefinition(name=name)) for name in FUNCTIONS]


def ask(client: ChatCompletionsClient, messages: list[ChatRequestMessage]) -> ChatResponseMessage:
    """Print text as it arrives, and return the whole message: fragments of tool calls are accumulated."""
    with client.complete(messages=messages, stream=True) as stream:
        for text in stream.text_deltas():
            print(text, end="", flush=True)
        return stream.get_final_completion().choices[0].message


def main() -> None:
    """Send a question, and call functions until the model requests no more."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages: list[ChatRequestMessage] = [UserMessage("What day of the week is it?")]
    with ChatCompletionsClient(endpoint, credential, tools=TOOLS, max_tokens=50) as client:
        message = ask(client, messages)
        while message.tool_calls:
            messages.append(AssistantMessage(tool_calls=message.tool_calls))
            for call in message.tool_calls:
                result = FUNCTIONS[call.function.name]()
                print(f"Call: {call.function.name} gives {result}")
                messages.append(ToolMessage(result, tool_call_id=call.id))
            message = ask(client, messages)
    print()


if __name__ == "__main__":
    main()
