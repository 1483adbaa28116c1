"""Get information about the model of an endpoint.

Serverless and managed compute endpoints have this route; Azure OpenAI and OpenAI-compatible servers do not.

    pip install .
    python samples/sample_get_model_info.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ResourceNotFoundError


def main() -> None:
    """Get the model information, and print it."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential) as client:
        try:
            info = client.get_model_info()
        except ResourceNotFoundError as error:
            sys.exit(error.message)
    print(f"Model: {info.model_name}")
    print(f"Provider: {info.model_provider_name}")
    print(f"Type: {info.model_type}")


if __name__ == "__main__":
    main()
