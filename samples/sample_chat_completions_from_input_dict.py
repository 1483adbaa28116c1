"""Send a request body that is a dict.

    pip install .
    python samples/sample_chat_completions_from_input_dict.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletions
from azure.core.credentials import AzureKeyCredential

REQUEST = {
    "messages": [
        {"role": "system", "content": "You translate English to French."},
        {"role": "user", "content": "Good morning."},
        {"role": "assistant", "content": "Bonjour."},
        {"role": "user", "content": "See you tomorrow."},
    ],
    "max_tokens": 20,
    "temperature": 0,
}


def main() -> None:
    """Send the request body unchanged: the defaults of the client are not added."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(REQUEST)
    if isinstance(response, ChatCompletions):  # with "stream": True in the request, it would be a stream
        print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
