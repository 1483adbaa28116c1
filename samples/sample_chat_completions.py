"""Ask a model a question and print the response.

    pip install .
    python samples/sample_chat_completions.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import CompletionsFinishReason, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential


def main() -> None:
    """Send a question, and print the response and the token usage."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(
            messages=[
                SystemMessage("You are a helpful assistant. Answer in one sentence."),
                UserMessage("Why do leaves turn red in autumn?"),
            ],
            max_tokens=60,
        )
    choice = response.choices[0]
    print(f"Answer: {choice.message.content}")
    if choice.finish_reason == CompletionsFinishReason.TOKEN_LIMIT_REACHED:
        print("(cut: max_tokens was reached)")
    usage = response.usage
    print(f"Tokens: {usage.prompt_tokens} in, {usage.completion_tokens} out, {usage.total_tokens} in all")


if __name__ == "__main__":
    main()
