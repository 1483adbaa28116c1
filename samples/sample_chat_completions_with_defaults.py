"""Give a client settings that hold for all of its calls.

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
    """Ask twice: with the settings of the client, and with another temperature."""
    client = ChatCompletionsClient(
        os.environ["AZURE_AI_CHAT_ENDPOINT"],
        AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"]),
        temperature=0,
        max_tokens=30,
        seed=7,
    )
    with client:
        sober = client.complete(messages=MESSAGES)
        fanciful = client.complete(messages=MESSAGES, temperature=1)  # what a call says wins over the client
    print(f"At temperature 0: {sober.choices[0].message.content}")
    print(f"At temperature 1: {fanciful.choices[0].message.content}")


if __name__ == "__main__":
    main()
