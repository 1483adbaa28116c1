"""Embed so many texts, and print the peak of memory, and the number of requests: `bulk_memory.py sync 10000 100000`."""

import asyncio
import base64
import json
import struct
import sys
import threading
import tracemalloc

import loopback
from azure.ai.inference import EmbeddingsClient, aio
from azure.core.credentials import AzureKeyCredential


class Service(loopback.Service):
    """Embeds numbers, and keeps no request."""

    asked = 0

    def receive(self, request):
        self.asked += 1

    def answer_to(self, request):
        numbers = [base64.b64encode(struct.pack("<f", int(text))).decode() for text in request.json["input"]]
        data = [{"index": i, "object": "embedding", "embedding": number} for i, number in enumerate(numbers)]
        return loopback.json_reply({**loopback.EMBEDDINGS, "data": data})


def check(index, item):
    assert item.index == index
    assert item.embedding == [float(index)]


def embed_sync(url, texts):
    with EmbeddingsClient(url, AzureKeyCredential("key-1")) as client:
        for index, item in enumerate(client.embed_many(texts)):
            check(index, item)
    return index + 1


def embed_async(url, texts):
    async def embed():
        index = 0
        async with aio.EmbeddingsClient(url, AzureKeyCredential("key-1")) as client:
            async for item in client.embed_many(texts):
                check(index, item)
                index += 1
        return index

    return asyncio.run(embed())


def measure(embed, count):
    """Embed so many texts, and return the peak of memory in bytes, and the number of requests."""
    service = Service()
    threading.Thread(target=service.serve_forever, daemon=True).start()
    tracemalloc.start()
    assert embed(service.url, (str(number) for number in range(count))) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    service.shutdown()
    service.server_close()
    return {"peak": peak, "requests": service.asked}


if __name__ == "__main__":
    mode, *counts = sys.argv[1:]
    embed = embed_async if mode == "async" else embed_sync
    sys.stdout.write(json.dumps([measure(embed, int(count)) for count in counts]))
