"""Send a request body that is already JSON, for example one that was saved or logged.

    pip install .
    python samples/sample_chat_completions_from_input_bytes.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletions
from azure.core.credentials import AzureKeyCredential

REQUEST = b"""
{
    "messages": [
        {"role": "system", "content": "You explain words in one sentence."},
        {"role": "user", "content": "What is an estuary?"}
    ],
    "max_tokens": 40
}
"""


def main() -> None:
    """Send the bytes unchanged. A file opened with mode "rb" is accepted, too."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(REQUEST)
    if isinstance(response, ChatCompletions):  # with "stream": true in the request, it would be a stream
        print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
