"""Embed images: similar images have vectors close to each other.

    pip install .
    python samples/sample_image_embeddings.py

AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_IMAGE_EMBEDDINGS_KEY: its key.
"""

import os
from pathlib import Path

from azure.ai.inference import ImageEmbeddingsClient
from azure.ai.inference.models import ImageEmbeddingInput
from azure.core.credentials import AzureKeyCredential

FOLDER = Path(__file__).parent
NAMES = ["red_circle.png", "blue_square.png"]


def main() -> None:
    """Embed two images, and print the vectors."""
    endpoint = os.environ["AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_IMAGE_EMBEDDINGS_KEY"])
    images = [ImageEmbeddingInput.load(image_file=FOLDER / name, image_format="png") for name in NAMES]
    with ImageEmbeddingsClient(endpoint, credential) as client:
        result = client.embed(input=images)
    for name, item in zip(NAMES, result.data, strict=True):
        print(f"{name}: {len(item.embedding)} numbers, from {item.embedding[0]} to {item.embedding[-1]}")
    print(f"Model: {result.model}, {result.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
