"""Embed texts with a model of Azure OpenAI, by the name of its deployment.

    pip install .
    python samples/sample_embeddings_azure_openai.py

AZURE_OPENAI_EMBEDDINGS_ENDPOINT: https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT.
AZURE_OPENAI_EMBEDDINGS_KEY: its key.
"""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

API_VERSION = "2024-10-21"  # Azure OpenAI has versions of its own
TEXTS = ["Order 1182: a blue bicycle", "Order 1183: two helmets"]


def main() -> None:
    """Embed the texts. With azure-identity, a DefaultAzureCredential takes the place of the key."""
    endpoint = os.environ["AZURE_OPENAI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_OPENAI_EMBEDDINGS_KEY"])
    with EmbeddingsClient(endpoint, credential, api_version=API_VERSION) as client:
        result = client.embed(input=TEXTS, dimensions=256)  # newer models can shorten their vectors
    for text, item in zip(TEXTS, result.data, strict=True):
        print(f"{text}: {len(item.embedding)} numbers, from {item.embedding[0]} to {item.embedding[-1]}")
    print(f"Model: {result.model}, {result.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
