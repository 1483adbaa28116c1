"""Send several questions to a model concurrently.

    pip install '.[aio]'
    python samples/async_samples/sample_chat_completions_async.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

QUESTIONS = ["What is a harbour?", "What is an island?", "What is a tide?"]


async def ask(client: ChatCompletionsClient, question: str) -> str:
    """Send a question, and return the response."""
    messages = [SystemMessage("You explain words in one short sentence."), UserMessage(question)]
    response = await client.complete(messages=messages, max_tokens=30)
    return response.choices[0].message.content


async def main() -> None:
    """Send all questions concurrently, and print the responses in the order of the questions."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    async with ChatCompletionsClient(endpoint, credential) as client:
        answers = await asyncio.gather(*(ask(client, question) for question in QUESTIONS))
    for question, answer in zip(QUESTIONS, answers, strict=True):
        print(f"Question: {question}\nAnswer: {answer}\n")


if __name__ == "__main__":
    asyncio.run(main())
