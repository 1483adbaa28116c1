"""Let a model call functions of this program, sync and async, until it has an answer.

    pip install '.[structured]'
    python samples/sample_chat_completions_with_functions.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Literal

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ToolMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

City = Literal["Bergen", "Lisbon"]


@dataclass
class Weather:
    """The weather in a city."""

    sky: str
    degrees: float


def departures(city: City) -> list[str]:
    """List the next trains to a city.

    :param city: Where the trains go.
    """
    return {"Bergen": ["08:25", "12:03"], "Lisbon": ["21:34"]}[city]


async def weather(city: City) -> Weather:
    """Return the weather in a city, in degrees Celsius.

    :param city: The city.
    """
    await asyncio.sleep(0.01)  # it asks a weather station
    return {"Bergen": Weather("rain", 8.5), "Lisbon": Weather("clear", 21.0)}[city]


def main() -> None:
    """Ask a question, and print the results of the functions and the answer."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("How is the weather in Lisbon, and when do trains go there?")]
    with ChatCompletionsClient(endpoint, credential, max_tokens=60) as client:
        run = client.run_tools(messages=messages, tools=[departures, weather], max_rounds=5)
    for message in run.messages:
        if isinstance(message, ToolMessage):
            print(f"Result: {message.content}")
    print(f"Answer: {run.completion.choices[0].message.content}")
    print(f"{run.rounds} rounds, {run.usage.total_tokens if run.usage else 'unknown'} tokens")


if __name__ == "__main__":
    main()
