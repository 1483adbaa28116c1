"""Get a response in JSON that conforms to a pydantic model, and parse it into the model.

    pip install '.[structured]'
    python samples/sample_chat_completions_with_structured_output_pydantic.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from typing import Literal

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic import BaseModel

REQUEST = "Hello, the heating in our office has been cold since this morning. Can somebody come today?"


class Ticket(BaseModel):
    """A ticket for the caretaker."""

    trade: Literal["plumber", "electrician", "cleaner"]
    urgent: bool
    room: Literal["office", "kitchen", "hall"]


def main() -> None:
    """Extract a ticket from the message."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [SystemMessage("Turn messages into tickets, as JSON."), UserMessage(REQUEST)]
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, response_format=Ticket, temperature=0)
    ticket = response.parse(Ticket)
    print(f"{'Now' if ticket.urgent else 'This week'}: {ticket.trade} to the {ticket.room}")


if __name__ == "__main__":
    main()
