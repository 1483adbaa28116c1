"""Extract a dataclass from text.

    pip install '.[structured]'
    python samples/sample_chat_completions_with_structured_output_dataclass.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from dataclasses import dataclass
from typing import Literal

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

REQUEST = "My sister and I would like to see Lisbon in May. We stay for four nights, and prefer the train."


@dataclass
class Trip:
    """A trip that somebody wants to book."""

    city: Literal["Bergen", "Lisbon", "Vienna"]
    month: Literal["April", "May", "June"]
    nights: int
    by_train: bool


def main() -> None:
    """Extract the trip from the request."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [SystemMessage("Turn requests into trips, as JSON."), UserMessage(REQUEST)]
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, response_format=Trip, temperature=0, max_tokens=100)
    trip = response.parse(Trip)  # a ValueError says why an answer is no trip
    print(f"{trip.city} in {trip.month}, {trip.nights} nights, {'by train' if trip.by_train else 'by plane'}")


if __name__ == "__main__":
    main()
