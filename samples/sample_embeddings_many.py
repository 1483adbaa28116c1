"""Embed a stream of texts in batches, several at once, and say where to resume after an error.

    pip install .
    python samples/sample_embeddings_many.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import os
from array import array
from collections.abc import Iterator

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

FRUITS = ("apple", "pear", "plum", "cherry", "fig", "quince")


def texts(start: int) -> Iterator[str]:
    """Read the texts from an index on. They need not fit into memory."""
    for number in range(start, 60):
        yield f"Row {number}: a {FRUITS[number % len(FRUITS)]} tree"


def main() -> None:
    """Embed the texts, and keep the vectors."""
    endpoint = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"])
    vectors: dict[int, array[float]] = {}
    start = 0
    with EmbeddingsClient(endpoint, credential) as client:
        try:
            for item in client.embed_many(texts(start), batch_size=20):
                vectors[start + item.index] = item.to_floats()
        except AzureError as error:
            print(f"Resume with {start + int(error.continuation_token or 0)}: {error.message}")
    print(f"{len(vectors)} texts, {len(vectors[0])} numbers for each")


if __name__ == "__main__":
    main()
