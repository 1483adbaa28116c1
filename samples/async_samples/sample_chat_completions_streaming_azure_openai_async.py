"""Stream a completion from a deployment of Azure OpenAI.

    pip install '.[aio]'
    python samples/async_samples/sample_chat_completions_streaming_azure_openai_async.py

AZURE_OPENAI_CHAT_ENDPOINT: https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT.
AZURE_OPENAI_CHAT_KEY: its key.
"""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

API_VERSION = "2024-10-21"  # Azure OpenAI has its own API versions


async def main() -> None:
    """Send a question, and print the text. The first update has no choices, only content filter results."""
    endpoint = os.environ["AZURE_OPENAI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_OPENAI_CHAT_KEY"])
    messages = [
        SystemMessage("You are a helpful assistant."),
        UserMessage("What should I see in Porto in one day?"),
    ]
    async with (
        ChatCompletionsClient(endpoint, credential, api_version=API_VERSION) as client,
        await client.complete(messages=messages, stream=True) as updates,
    ):
        async for update in updates:
            if update.choices:
                print(update.choices[0].delta.content or "", end="", flush=True)
    print()


if __name__ == "__main__":
    asyncio.run(main())
