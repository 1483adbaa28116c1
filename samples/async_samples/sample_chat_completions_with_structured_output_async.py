"""Extract a dataclass from each of several texts, concurrently.

    pip install '.[aio,structured]'
    python samples/async_samples/sample_chat_completions_with_structured_output_async.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Literal

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

REVIEWS = ["The kettle is quick and quiet.", "The lid of the pan was cracked when I opened the box."]


@dataclass
class Review:
    """What a customer says of a product."""

    product: Literal["kettle", "pan"]
    opinion: Literal["good", "mixed", "bad"]
    damaged: bool


async def extract(client: ChatCompletionsClient, text: str) -> Review:
    """Extract what a review says."""
    messages = [SystemMessage("Extract what the review says as JSON."), UserMessage(text)]
    response = await client.complete(messages=messages, response_format=Review, temperature=0, max_tokens=100)
    return response.parse(Review)


async def main() -> None:
    """Extract all reviews, and print them."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    async with ChatCompletionsClient(endpoint, credential) as client:
        for review in await asyncio.gather(*(extract(client, text) for text in REVIEWS)):
            print(f"The {review.product}: {review.opinion}{', damaged' if review.damaged else ''}")


if __name__ == "__main__":
    asyncio.run(main())
