"""Let a model call functions of this program, and stream what it generates.

    pip install '.[structured]'
    python samples/sample_chat_completions_streaming_with_functions.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from datetime import datetime, timezone

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential


def current_date() -> str:
    """Return the date of today, with the day of the week."""
    return datetime.now(timezone.utc).strftime("%A, %d %B %Y")


def days_between(first_day: int, last_day: int) -> int:
    """Return the number of days from one day of a month to another.

    :param first_day: The first day, from 1.
    :param last_day: The last day, up to 31.
    """
    return last_day - first_day


def main() -> None:
    """Ask a question, and print the answer while it is generated."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("What day of the week is it?")]
    with (
        ChatCompletionsClient(endpoint, credential, max_tokens=60) as client,
        client.run_tools(messages=messages, tools=[current_date, days_between], stream=True) as run,
    ):
        for update in run:
            for choice in update.choices:
                print(choice.delta.content or "", end="", flush=True)
    print(f"\n{run.rounds} rounds, {len(run.messages)} messages")


if __name__ == "__main__":
    main()
