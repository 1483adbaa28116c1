"""Get a response in JSON that conforms to a pydantic model, and parse it into the model.

    pip install . pydantic
    python samples/sample_chat_completions_with_structured_output_pydantic.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from typing import Literal

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic import BaseModel, ConfigDict

REQUEST = "Hello, the heating in our office has been cold since this morning. Can somebody come today?"


class Ticket(BaseModel):
    """A ticket for the caretaker."""

    model_config = ConfigDict(extra="forbid")  # required by services in strict mode

    trade: Literal["plumber", "electrician", "cleaner"]
    urgent: bool
    room: Literal["office", "kitchen", "hall"]


def main() -> None:
    """Extract a ticket from the message."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [SystemMessage("Turn messages into tickets, as JSON."), UserMessage(REQUEST)]
    # response_format=Ticket does the same without `strict`.
    ticket_format = JsonSchemaFormat(name="ticket", schema=Ticket.model_json_schema(), strict=True)
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, response_format=ticket_format, temperature=0)
    ticket = Ticket.model_validate_json(response.choices[0].message.content)
    print(f"{'Now' if ticket.urgent else 'This week'}: {ticket.trade} to the {ticket.room}")


if __name__ == "__main__":
    main()
