"""Stream a completion, authenticated with Entra ID.

    pip install . azure-identity
    python samples/sample_chat_completions_streaming_with_entra_id_auth.py

DefaultAzureCredential uses a managed identity, the account of `az login`, or another source.

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.identity import DefaultAzureCredential


def main() -> None:
    """Send a question, and print the text while it is generated."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    messages = [
        SystemMessage("You are a helpful assistant."),
        UserMessage("How do I learn to swim? Answer in three sentences."),
    ]
    with (
        DefaultAzureCredential() as credential,
        ChatCompletionsClient(endpoint, credential) as client,
        client.complete(messages=messages, stream=True) as stream,
    ):
        for text in stream.text_deltas():
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
