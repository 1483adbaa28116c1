"""Embed texts while they arrive, within the limits of the deployment, without blocking the event loop.

    pip install '.[aio]'
    python samples/async_samples/sample_embeddings_many_async.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import asyncio
import os
from collections.abc import AsyncIterator

from azure.ai.inference.aio import EmbeddingsClient
from azure.ai.inference.limits import RateLimiter
from azure.core.credentials import AzureKeyCredential

LIMITER = RateLimiter(requests_per_minute=6000, tokens_per_minute=1_000_000)
"""Give it to every client that uses the same deployment."""


async def texts() -> AsyncIterator[str]:
    """Receive the texts, for example from a queue."""
    for number in range(30):
        await asyncio.sleep(0)
        yield f"Message {number}"


async def main() -> None:
    """Embed the texts, and print how far each one is from the first one."""
    endpoint = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"])
    async with (
        EmbeddingsClient(endpoint, credential, rate_limiter=LIMITER) as client,
        client.embed_many(texts(), batch_size=10) as items,
    ):
        vectors = [item.to_floats() async for item in items]
    similar = [sum(a * b for a, b in zip(vectors[0], vector, strict=True)) for vector in vectors]
    print(f"{len(vectors)} texts, the least similar one to the first one is number {similar.index(min(similar))}")


if __name__ == "__main__":
    asyncio.run(main())
