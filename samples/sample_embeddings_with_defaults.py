"""Search documents by meaning, with a client that has defaults for all of its calls.

    pip install .
    python samples/sample_embeddings_with_defaults.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import os

from azure.ai.inference import EmbeddingsClient
from azure.ai.inference.models import EmbeddingEncodingFormat, EmbeddingInputType
from azure.core.credentials import AzureKeyCredential

DOCUMENTS = ["Trams run until midnight.", "The museum is closed on Mondays.", "Dogs are welcome in the café."]
QUESTION = "When can I see the paintings?"


def main() -> None:
    """Embed the documents and a question, and print the most similar document."""
    client = EmbeddingsClient(
        os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"],
        AzureKeyCredential(os.environ["AZURE_AI_EMBEDDINGS_KEY"]),
        input_type=EmbeddingInputType.DOCUMENT,
        encoding_format=EmbeddingEncodingFormat.FLOAT,
    )
    with client:
        documents = client.embed(input=DOCUMENTS)
        # The keyword of the call overrides the default. Some models embed queries and documents differently.
        question = client.embed(input=[QUESTION], input_type=EmbeddingInputType.QUERY)
    vector, *others = [item.to_floats() for item in (*question.data, *documents.data)]
    similarities = [sum(a * b for a, b in zip(vector, other, strict=True)) for other in others]
    print(f"Question: {QUESTION}")
    print(f"Nearest: {DOCUMENTS[similarities.index(max(similarities))]}")
    print(f"Tokens: {documents.usage.total_tokens} for the documents, {question.usage.total_tokens} for the question")


if __name__ == "__main__":
    main()
