"""Send a request body that is already JSON, for example one that was saved or logged.

    pip install '.[aio]'
    python samples/async_samples/sample_chat_completions_from_input_bytes_async.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import AsyncStreamingChatCompletions
from azure.core.credentials import AzureKeyCredential

REQUEST = b"""
{
    "messages": [
        {"role": "system", "content": "You explain words in one sentence."},
        {"role": "user", "content": "What is a fjord?"}
    ],
    "max_tokens": 40,
    "stream": true
}
"""


async def main() -> None:
    """Send the bytes unchanged; they request a stream."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    async with ChatCompletionsClient(endpoint, credential) as client:
        response = await client.complete(REQUEST)
        if isinstance(response, AsyncStreamingChatCompletions):
            async for text in response.text_deltas():
                print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    asyncio.run(main())
