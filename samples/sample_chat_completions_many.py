"""Classify 200 texts, several at once, with a progress bar.

    pip install . tqdm
    python samples/sample_chat_completions_many.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from collections import Counter

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import BulkFailure, CompletionsUsage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from tqdm import tqdm

WORDS = ("lovely", "broken", "late", "perfect", "missing", "too small", "just right", "wet")
TEXTS = [f"Order {number}: the parcel was {WORDS[number % len(WORDS)]}." for number in range(200)]
TASK = SystemMessage("Good or bad?")


def main() -> None:
    """Classify the texts, and count the labels. A request that fails costs its text, not the others."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    limiter = RateLimiter(requests_per_minute=60_000, tokens_per_minute=6_000_000)
    labels: Counter[str] = Counter()
    failures = tokens = 0
    with (
        ChatCompletionsClient(endpoint, credential, rate_limiter=limiter) as client,
        tqdm(total=len(TEXTS), disable=None) as bar,  # shown in a terminal alone
    ):

        def progress(done: int, _total: int | None, usage: CompletionsUsage) -> None:
            nonlocal tokens
            tokens = usage.total_tokens
            bar.update(done - bar.n)

        requests = ([TASK, UserMessage(text)] for text in TEXTS)
        for result in client.complete_many(
            requests, on_error="yield", progress=progress, max_tokens=1, temperature=0, max_concurrency=4
        ):
            if isinstance(result, BulkFailure):
                failures += 1
            else:
                labels[result.completion.choices[0].message.content] += 1
    print(f"{labels.total()} texts classified, {failures} failed, {len(labels)} labels, {tokens} tokens")


if __name__ == "__main__":
    main()
