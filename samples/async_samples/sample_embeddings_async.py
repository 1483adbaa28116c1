"""Embed many texts in several concurrent requests.

    pip install '.[aio]'
    python samples/async_samples/sample_embeddings_async.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import asyncio
import os

from azure.ai.inference.aio import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

TEXTS = [f"The {fruit} tree in the garden" for fruit in ("apple", "pear", "plum", "cherry", "fig", "quince", "medlar")]
BATCH_SIZE = 3


async def main() -> None:
    """Embed the texts in batches, and print the vectors."""
    endpoint = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"])
    batches = [TEXTS[start : start + BATCH_SIZE] for start in range(0, len(TEXTS), BATCH_SIZE)]
    async with EmbeddingsClient(endpoint, credential) as client:
        results = await asyncio.gather(*(client.embed(input=batch) for batch in batches))
    vectors = [item.embedding for result in results for item in result.data]  # in the order of the texts
    for text, vector in zip(TEXTS, vectors, strict=True):
        print(f"{text}: {len(vector)} numbers, from {vector[0]} to {vector[-1]}")
    print(f"{len(batches)} requests, {sum(result.usage.total_tokens for result in results)} tokens")


if __name__ == "__main__":
    asyncio.run(main())
