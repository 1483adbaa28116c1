"""Get embeddings in base64, which takes about a quarter of the bytes of a list of numbers.

    pip install .
    python samples/sample_embeddings_with_base64_encoding.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import os

from azure.ai.inference import EmbeddingsClient
from azure.ai.inference.models import EmbeddingEncodingFormat
from azure.core.credentials import AzureKeyCredential

TEXTS = ["A lighthouse on a rock", "The price of potatoes"]


def main() -> None:
    """Embed texts, and decode the vectors. `to_floats` also accepts lists of numbers."""
    endpoint = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"])
    with EmbeddingsClient(endpoint, credential) as client:
        result = client.embed(input=TEXTS, encoding_format=EmbeddingEncodingFormat.BASE64)
    for text, item in zip(TEXTS, result.data, strict=True):
        vector = item.to_floats()
        shown = ", ".join(f"{number:.4f}" for number in vector[:3])
        print(f"{text}: {len(item.embedding)} characters, {len(vector)} numbers: {shown}, ...")


if __name__ == "__main__":
    main()
