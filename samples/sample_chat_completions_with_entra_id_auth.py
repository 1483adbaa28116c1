"""Authenticate with Entra ID instead of a key.

    pip install . azure-identity
    python samples/sample_chat_completions_with_entra_id_auth.py

DefaultAzureCredential uses a managed identity, the account of `az login`, or another source.

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.identity import DefaultAzureCredential


def main() -> None:
    """Send a question. The client gets a token when it needs one, for the scope that the endpoint URL implies."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    with DefaultAzureCredential() as credential, ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(
            messages=[
                SystemMessage("You are a helpful assistant."),
                UserMessage("How long is a marathon?"),
            ],
        )
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
