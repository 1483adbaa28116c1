"""Give a client defaults for all of its calls.

    pip install .
    python samples/sample_chat_completions_with_defaults.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

MESSAGES = [
    SystemMessage("You find names for shops."),
    UserMessage("Give me one name for a bakery by the sea."),
]


def main() -> None:
    """Send two requests: one with the defaults of the client, and one with another temperature."""
    client = ChatCompletionsClient(
        os.environ["AZURE_AI_CHAT_ENDPOINT"],
        AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"]),
        temperature=0,
        max_tokens=30,
        seed=7,
    )
    with client:
        greedy = client.complete(messages=MESSAGES)
        random = client.complete(messages=MESSAGES, temperature=1)  # overrides the default
    print(f"At temperature 0: {greedy.choices[0].message.content}")
    print(f"At temperature 1: {random.choices[0].message.content}")


if __name__ == "__main__":
    main()
