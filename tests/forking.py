"""Forks after a client was used; parent and children go on calling. Prints what became of each process."""

import asyncio
import os
import sys
import traceback
from contextlib import contextmanager, suppress

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference import aio as async_sdk
from azure.core.credentials import AzureKeyCredential

with suppress(ImportError):
    import uvloop

WORLD, URL, CERTIFICATE = sys.argv[1:]
CHILDREN, CALLS = 4, 50
SETTINGS = {"connection_verify": CERTIFICATE} if CERTIFICATE else {}


def message(name, number):
    return [{"role": "user", "content": f"{name}-{number}"}]


def call_sync(client, name, count):
    """Whether each answer was the one to its question."""
    return all(
        client.complete(messages=message(name, number)).choices[0].message.content == f"{name}-{number}"
        for number in range(count)
    )


def call_async(client, name, count):
    async def call():
        answers = [await client.complete(messages=message(name, number)) for number in range(count)]
        return [answer.choices[0].message.content for answer in answers]

    return run(call()) == [f"{name}-{number}" for number in range(count)]


def close_async(client):
    run(client.close())


def run(coroutine):
    return loops[-1].run_until_complete(coroutine)


def child(client, name):
    loops.append(new_loop())
    with noting_errors():
        right = call(client, name, CALLS)
        close(client)
        os.write(1, b"right\n" if right else b"wrong\n")
    os._exit(0)


@contextmanager
def noting_errors():
    try:
        yield
    finally:
        if sys.exc_info()[1]:
            os.write(2, traceback.format_exc().encode())
            os._exit(1)


if WORLD == "sync":
    call, close, new_loop = call_sync, ChatCompletionsClient.close, lambda: None
    client = ChatCompletionsClient(URL, AzureKeyCredential("k"), retry_total=0, **SETTINGS)
else:
    call, close = call_async, close_async

    def new_loop():
        loop = uvloop.new_event_loop() if WORLD == "uvloop" else asyncio.new_event_loop()
        loop.slow_callback_duration = 60  # how busy the machine is does not matter
        return loop

    client = async_sdk.ChatCompletionsClient(URL, AzureKeyCredential("k"), retry_total=0, **SETTINGS)
loops = [new_loop()]
assert call(client, "parent", 1)
children = []
for number in range(CHILDREN):
    pid = os.fork()
    if not pid:
        child(client, f"child{number}")
    children.append(pid)
right = call(client, "parent", 10)  # over the connection that the children inherited
for pid in children:
    os.waitpid(pid, 0)
close(client)
if loops[0]:
    run(asyncio.sleep(0))
    loops[0].close()
sys.stdout.write("right\n" if right else "wrong\n")
