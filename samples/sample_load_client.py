"""Create the client class that fits the model of an endpoint.

    pip install .
    python samples/sample_load_client.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, load_client
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

TEXT = "Say hello to a sailor."


def main() -> None:
    """Create the client, and call its method."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with load_client(endpoint, credential) as client:
        info = client.get_model_info()  # cached by load_client: no request is sent
        print(f"{type(client).__name__} for {info.model_name}")
        if isinstance(client, ChatCompletionsClient):
            response = client.complete(messages=[UserMessage(TEXT)], max_tokens=30)
            print(f"Answer: {response.choices[0].message.content}")
        elif isinstance(client, EmbeddingsClient):
            result = client.embed(input=[TEXT])
            print(f"Embedding: {len(result.data[0].embedding)} numbers")
        else:
            print("It embeds images: see sample_image_embeddings.py.")


if __name__ == "__main__":
    main()
