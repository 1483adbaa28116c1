"""Distinguish the three possible effects of a content filter.

The service refuses the request with an error, truncates the completion, or returns it with the results of the filter.

    pip install .
    python samples/sample_content_safety_errors.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import CompletionsFinishReason, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

QUESTIONS = [
    "How do I sharpen a knife?",
    "How did knights fight with swords?",
    "How can I take revenge on my neighbour?",
]


def ask(client: ChatCompletionsClient, question: str) -> str:
    """Send a question, and describe the effect of the filter."""
    try:
        choice = client.complete(messages=[UserMessage(question)]).choices[0]
    except HttpResponseError as error:
        if error.error is None or error.error.code != "content_filter":
            raise
        return f"The question was refused: {error.error.message}"
    if choice.finish_reason == CompletionsFinishReason.CONTENT_FILTERED:
        return f"The answer was cut: {choice.message.content or ''}"
    found = [name for name, result in (choice.content_filter_results or {}).items() if result.get("severity") != "safe"]
    return f"{choice.message.content} (Found: {', '.join(found) or 'nothing'}.)"


def main() -> None:
    """Send questions that a filter may treat differently."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    with ChatCompletionsClient(endpoint, credential) as client:
        for question in QUESTIONS:
            print(f"{question}\n  {ask(client, question)}")


if __name__ == "__main__":
    main()
