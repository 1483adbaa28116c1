"""Send a request to a deployment of Azure OpenAI.

    pip install .
    python samples/sample_chat_completions_azure_openai.py

AZURE_OPENAI_CHAT_ENDPOINT: https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT.
AZURE_OPENAI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

API_VERSION = "2024-10-21"  # Azure OpenAI has its own API versions


def main() -> None:
    """Send a question. With azure-identity, a DefaultAzureCredential can replace the key."""
    endpoint = os.environ["AZURE_OPENAI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_OPENAI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential, api_version=API_VERSION) as client:
        response = client.complete(
            messages=[
                SystemMessage("You are a helpful assistant."),
                UserMessage("What is a good gift for somebody who likes maps?"),
            ],
        )
    print(f"Answer: {response.choices[0].message.content}")
    print(f"Model: {response.model}")


if __name__ == "__main__":
    main()
