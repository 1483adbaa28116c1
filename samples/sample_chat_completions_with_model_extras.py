"""Send model-specific parameters that are not part of the API.

They are sent in the request body, and the header `extra-parameters: pass-through` tells the service to pass them to the
model. With `headers={"extra-parameters": "drop"}`, the service drops parameters that it does not know.

    pip install .
    python samples/sample_chat_completions_with_model_extras.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

QUESTION = "Write one line about the sea, without the word water."


def main() -> None:
    """Send sampling parameters that many open models have."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential, max_tokens=40) as client:
        response = client.complete(
            messages=[UserMessage(QUESTION)],
            model_extras={"top_k": 20, "repeat_penalty": 1.2},  # parameter names of the model
        )
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
