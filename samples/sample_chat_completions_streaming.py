"""Stream a completion to the terminal while it is generated.

    pip install .
    python samples/sample_chat_completions_streaming.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential


def main() -> None:
    """Send a question, and print each update."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [
        SystemMessage("You are a helpful assistant."),
        UserMessage("Why is it good to take a walk every day? Answer in three sentences."),
    ]
    with ChatCompletionsClient(endpoint, credential, max_tokens=200) as client:
        model, usage = "", None
        with client.complete(messages=messages, stream=True) as updates:
            for update in updates:
                if update.choices:
                    print(update.choices[0].delta.content or "", end="", flush=True)
                model, usage = update.model, update.usage or usage
    print(f"\n\nModel: {model}")
    if usage:
        print(f"Tokens: {usage.prompt_tokens} in, {usage.completion_tokens} out, {usage.total_tokens} in all")


if __name__ == "__main__":
    main()
