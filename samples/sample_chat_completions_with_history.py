"""Hold a conversation: each request contains all messages so far.

    pip install .
    python samples/sample_chat_completions_with_history.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, ChatRequestMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

QUESTIONS = ["What is the capital of Portugal?", "Which river flows through it?", "Which sea does that river reach?"]


def main() -> None:
    """Send the questions one after the other."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    history: list[ChatRequestMessage] = [SystemMessage("You know geography. Answer in a few words.")]
    with ChatCompletionsClient(endpoint, credential, max_tokens=30) as client:
        for question in QUESTIONS:
            history.append(UserMessage(question))
            response = client.complete(messages=history)  # the service is stateless: send the whole history
            answer = response.choices[0].message.content
            history.append(AssistantMessage(answer))
            print(f"Question: {question}")
            print(f"Answer: {answer}")
            print(f"The conversation has {len(history)} messages, {response.usage.total_tokens} tokens.\n")


if __name__ == "__main__":
    main()
