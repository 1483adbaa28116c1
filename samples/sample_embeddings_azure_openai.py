"""Embed texts with a deployment of Azure OpenAI.

    pip install .
    python samples/sample_embeddings_azure_openai.py

AZURE_OPENAI_EMBEDDINGS_ENDPOINT: https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT.
AZURE_OPENAI_EMBEDDINGS_KEY: its key.
"""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

API_VERSION = "2024-10-21"  # Azure OpenAI has its own API versions
TEXTS = ["Order 1182: a blue bicycle", "Order 1183: two helmets"]


def main() -> None:
    """Embed the texts. With azure-identity, a DefaultAzureCredential can replace the key."""
    endpoint = os.environ["AZURE_OPENAI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_OPENAI_EMBEDDINGS_KEY"])
    with EmbeddingsClient(endpoint, credential, api_version=API_VERSION) as client:
        result = client.embed(input=TEXTS, dimensions=256)  # for models that support shorter vectors
    for text, item in zip(TEXTS, result.data, strict=True):
        print(f"{text}: {len(item.embedding)} numbers, from {item.embedding[0]} to {item.embedding[-1]}")
    print(f"Model: {result.model}, {result.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
