"""Embed texts, and compare them with a question.

    pip install .
    python samples/sample_embeddings.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

QUESTION = "How do I cook rice?"
TEXTS = ["Boil the rice in twice as much water.", "The train to Lyon leaves at nine.", "Cats sleep most of the day."]


def main() -> None:
    """Embed the question and the texts, and print the similarity of each text."""
    endpoint = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"])
    with EmbeddingsClient(endpoint, credential) as client:
        result = client.embed(input=[QUESTION, *TEXTS])
    question, *texts = [item.to_floats() for item in result.data]
    print(f"{result.model}: {len(question)} numbers for each text")
    for text, vector in zip(TEXTS, texts, strict=True):
        similarity = sum(a * b for a, b in zip(question, vector, strict=True))
        print(f"{similarity:6.3f}  {text}")


if __name__ == "__main__":
    main()
