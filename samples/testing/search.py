"""Search documents by meaning, with an async client. Its tests in test_search.py show vectors, and rules."""

import asyncio
from collections.abc import Sequence

from azure.ai.inference.aio import EmbeddingsClient


async def nearest(client: EmbeddingsClient, question: str, documents: Sequence[str]) -> str:
    """Return the document that is nearest to a question."""
    vector, *vectors = await asyncio.gather(*(embed(client, text) for text in (question, *documents)))
    distances = [sum((a - b) ** 2 for a, b in zip(vector, other, strict=True)) for other in vectors]
    return documents[distances.index(min(distances))]


async def embed(client: EmbeddingsClient, text: str) -> Sequence[float]:
    """Return the vector of a text."""
    result = await client.embed(input=[text])
    return result.data[0].to_floats()
