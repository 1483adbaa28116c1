"""Embed images with descriptions, with a client that has defaults for all of its calls.

    pip install .
    python samples/sample_image_embeddings_with_defaults.py

AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_IMAGE_EMBEDDINGS_KEY: its key.
"""

import os
from pathlib import Path

from azure.ai.inference import ImageEmbeddingsClient
from azure.ai.inference.models import EmbeddingInputType, ImageEmbeddingInput
from azure.core.credentials import AzureKeyCredential

FOLDER = Path(__file__).parent


def load(name: str, text: str) -> ImageEmbeddingInput:
    """Read an image, with a description to embed together with it."""
    return ImageEmbeddingInput.load(image_file=FOLDER / name, image_format="png", text=text)


def main() -> None:
    """Embed images with descriptions, in 1,024 dimensions."""
    client = ImageEmbeddingsClient(
        os.environ["AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT"],
        AzureKeyCredential(os.environ["AZURE_AI_IMAGE_EMBEDDINGS_KEY"]),
        dimensions=1024,
        input_type=EmbeddingInputType.DOCUMENT,
    )
    with client:
        for name, text in {"red_circle.png": "A red circle", "blue_square.png": "A blue square"}.items():
            result = client.embed(input=[load(name, text)])
            print(f"{text}: {len(result.data[0].embedding)} numbers, {result.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
