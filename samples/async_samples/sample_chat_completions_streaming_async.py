"""Stream a completion to the terminal while it is generated, without blocking the event loop.

    pip install '.[aio]'
    python samples/async_samples/sample_chat_completions_streaming_async.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential


async def main() -> None:
    """Send a question, print the text as it arrives, and then details of the whole completion."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [
        SystemMessage("You are a helpful assistant."),
        UserMessage("How do bees find their way home? Answer in two sentences."),
    ]
    async with ChatCompletionsClient(endpoint, credential, max_tokens=60) as client:
        stream = await client.complete(messages=messages, stream=True)
        async with stream:
            async for text in stream.text_deltas():
                print(text, end="", flush=True)
            completion = await stream.get_final_completion()
    print(f"\n\nModel: {completion.model}")
    print(f"{len(completion.choices[0].message.content)} characters, {completion.usage.completion_tokens} tokens")


if __name__ == "__main__":
    asyncio.run(main())
