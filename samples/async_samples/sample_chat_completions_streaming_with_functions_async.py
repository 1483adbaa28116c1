"""Let a model call functions of this program, sync and async, and stream what it generates.

    pip install '.[aio,structured]'
    python samples/async_samples/sample_chat_completions_streaming_with_functions_async.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os
from datetime import datetime, timezone
from typing import Literal

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

OFFSETS = {"Oslo": 1, "Tokyo": 9}


def current_time(city: Literal["Oslo", "Tokyo"]) -> str:
    """Return the time in a city.

    :param city: The city.
    """
    print(f"Call: current_time of {city}")
    return f"{(datetime.now(timezone.utc).hour + OFFSETS[city]) % 24} o'clock"


async def opening_hours(shop: Literal["bakery", "bank"]) -> dict[str, int]:
    """Return the hours at which a shop opens and closes.

    :param shop: The shop.
    """
    print(f"Call: opening_hours of {shop}")
    await asyncio.sleep(0.01)  # it asks a database
    return {"opens": 7 if shop == "bakery" else 9, "closes": 17}


async def main() -> None:
    """Ask a question, and print the answer while it is generated."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [UserMessage("Is the bakery in Tokyo open now?")]
    async with (
        ChatCompletionsClient(endpoint, credential, max_tokens=60) as client,
        await client.run_tools(messages=messages, tools=[current_time, opening_hours], stream=True) as run,
    ):
        async for update in run:
            for choice in update.choices:
                print(choice.delta.content or "", end="", flush=True)
    print(f"\n{run.rounds} rounds, {len(run.messages)} messages")


if __name__ == "__main__":
    asyncio.run(main())
