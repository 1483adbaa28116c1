"""Embed images in concurrent requests, one for each image.

    pip install '.[aio]'
    python samples/async_samples/sample_image_embeddings_async.py

AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_IMAGE_EMBEDDINGS_KEY: its key.
"""

import asyncio
import os
from pathlib import Path

from azure.ai.inference.aio import ImageEmbeddingsClient
from azure.ai.inference.models import ImageEmbeddingInput
from azure.core.credentials import AzureKeyCredential

FOLDER = Path(__file__).parents[1]
NAMES = ["red_circle.png", "blue_square.png"]


async def main() -> None:
    """Embed two images, and print the vectors."""
    endpoint = os.environ["AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_IMAGE_EMBEDDINGS_KEY"])
    images = [ImageEmbeddingInput.load(image_file=FOLDER / name, image_format="png") for name in NAMES]
    async with ImageEmbeddingsClient(endpoint, credential) as client:
        results = await asyncio.gather(*(client.embed(input=[image]) for image in images))
    for name, result in zip(NAMES, results, strict=True):
        vector = result.data[0].embedding
        print(f"{name}: {len(vector)} numbers, from {vector[0]} to {vector[-1]}, {result.usage.total_tokens} tokens")


if __name__ == "__main__":
    asyncio.run(main())
