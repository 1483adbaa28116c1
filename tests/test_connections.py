"""Whose connections they are: of one event loop, of one process, of one client, and for how long."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import aiohttp
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference import aio as async_sdk
from azure.ai.inference._http import _fork
from conftest import KEY
from loopback import COMPLETION, DONE, TIMEOUT, Gate, Reply, json_reply, update

MESSAGES = [{"role": "user", "content": "hi"}]
HERE = Path(__file__).parent


async def ask(client):
    return (await client.complete(messages=MESSAGES)).id


@pytest.fixture(params=[False, True], ids=["http", "https"])
def settings(request, service, tmp_path):
    """How a client speaks to the service, in clear and in TLS."""
    return {"connection_verify": service.secure(tmp_path)} if request.param else {}


def echo(request):
    content = request.json["messages"][-1]["content"]
    return json_reply({**COMPLETION, "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]})


def async_client(service, **settings):
    return async_sdk.ChatCompletionsClient(service.url, KEY, retry_total=0, **settings)


def test_a_loop_that_is_only_closed_leaves_nothing_behind(service, settings):
    client = async_client(service, **settings)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(ask(client)) == "c1"
        loop.close()
    asyncio.run(client.close())
    del client
    gc.collect()
    assert service.all_closed()


def test_loops_that_take_turns_keep_their_connections(service, settings):
    client = async_client(service, **settings)
    loops = [asyncio.new_event_loop() for _ in range(2)]
    for _ in range(3):
        assert [loop.run_until_complete(ask(client)) for loop in loops] == ["c1", "c1"]
    assert service.connections == 2
    loops[0].run_until_complete(client.close())
    for loop in loops:
        loop.run_until_complete(asyncio.sleep(0))  # connections close in the loop that they belong to
        loop.close()
    assert service.all_closed()


@pytest.mark.parametrize("leave", ["close", "forget"])
def test_loops_of_several_threads_do_not_disturb_each_other(service, leave):
    client, gate, answers = async_client(service), Gate(), []
    again = weakref.ref(client)
    service.stream(update("a"), gate, DONE)

    async def stay():
        async for _ in await again().complete(messages=MESSAGES, stream=True):
            pass
        answers.append("streamed")

    thread = threading.Thread(target=asyncio.run, args=(stay(),))
    thread.start()
    assert service.was_asked()
    assert asyncio.run(ask(client)) == "c1"
    gate.open()
    thread.join(TIMEOUT)
    assert answers == ["streamed"]
    if leave == "close":
        asyncio.run(client.close())
    del client
    gc.collect()
    assert service.all_closed()


async def test_a_loop_that_runs_elsewhere_closes_its_own_connections(service):
    client, done, loops = async_client(service), asyncio.Event(), []

    async def stay():
        await ask(client)
        loops.append(asyncio.get_running_loop())
        asked.set()
        await done.wait()

    asked = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(stay(),))
    thread.start()
    assert await asyncio.to_thread(asked.wait, TIMEOUT)
    await client.close()
    assert await asyncio.to_thread(service.all_closed)
    loops[0].call_soon_threadsafe(done.set)
    await asyncio.to_thread(thread.join)


async def test_a_closed_client_says_so(twin):
    client = twin.chat()
    await client.complete(messages=MESSAGES)
    for _ in range(2):
        await client.close()
        with pytest.raises(ValueError, match="The client is closed"):
            await client.complete(messages=MESSAGES)


def test_the_session_is_asked_for_outside_of_a_loop(service):
    client = async_client(service)
    assert client._client._pipeline._transport.session is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("world", ["sync", "async", "uvloop"])
def test_children_do_not_share_the_connections_of_their_parent(service, settings, world):
    """Two hundred calls in four children of a process that has used its client, and some in the parent meanwhile."""
    if world == "uvloop":
        pytest.importorskip("uvloop")
        if settings and tuple(map(int, aiohttp.__version__.split(".")[:2])) < (3, 12):
            pytest.skip("aiohttp does not wait for the end of TLS, and uvloop complains")
    service.answer_to = echo
    arguments = [world, service.url, settings.get("connection_verify", "")]
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", HERE / "forking.py", *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE.parent), *sys.path]))},
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("right\n" * 5, "", 0)
    assert len(service.requests) == 1 + 200 + 10
    assert service.connections == 5


@pytest.fixture
def forked_child(monkeypatch):
    """Does in this process what a forked child does with the connections of clients that were made since."""
    holders = weakref.WeakSet()
    monkeypatch.setattr(_fork, "_holders", holders)
    monkeypatch.setattr(_fork, "_inherited", [])
    return _fork._drop_connections


async def test_a_forked_child_leaves_inherited_connections_to_its_parent(forked_child, twin, service, settings):
    client = twin.chat(**settings)
    await ask(client)
    service.stream(update("a"), DONE)
    stream = await client.complete(messages=MESSAGES, stream=True)  # one connection is in use
    forked_child()
    assert await ask(client) == "c1"
    assert service.connections == 2
    if twin.mode == "async":
        _fork._inherited[0].popitem()[1].abandon()
    await stream.close()


def test_a_forked_child_does_not_care_for_closed_connections(forked_child, service):
    client = ChatCompletionsClient(service.url, KEY)
    service.reply(Reply([json.dumps(COMPLETION).encode()], framing="close"))
    for _ in range(2):
        assert client.complete(messages=MESSAGES).id == "c1"
        forked_child()
    client.close()


async def test_an_event_loop_that_ends_in_a_forked_child_leaves_connections_alone(monkeypatch, service):
    client = async_client(service)
    await ask(client)
    (own,) = client._client._pipeline._transport._sessions.values()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        await own._closer.aclose()  # as the end of a loop does
    await ask(client)
    assert service.connections == 1
    await client.close()
    assert await asyncio.to_thread(service.all_closed)


PROGRAM = """
import asyncio, sys
from azure.core.credentials import AzureKeyCredential
from azure.ai.inference.aio import ChatCompletionsClient
settings = {"connection_verify": sys.argv[2]} if sys.argv[2] else {}
client = ChatCompletionsClient(sys.argv[1], AzureKeyCredential("k"), retry_total=0, **settings)
async def ask():
    return (await client.complete(messages=[{"role": "user", "content": "hi"}])).id
async def leave():
    stream = await client.complete(messages=[{"role": "user", "content": "hi"}], stream=True)
    await anext(stream)
    kept.append(stream)
kept = []
def bare(work):
    loop = asyncio.new_event_loop()
    loop.slow_callback_duration = 1000
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
async def calm(work):
    asyncio.get_running_loop().slow_callback_duration = 1000
    return await work
def run(work):
    return asyncio.run(calm(work))
print([way(work()) for way in (run, bare, run) for work in (ask, leave, ask)].count("c1"))
"""


@pytest.mark.parametrize("end", ["", "run(client.close())\n", "del client, kept\n"])
def test_nothing_is_said_at_the_end_of_loops_and_of_the_program(service, settings, end):
    ran = subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM + end),
            *(service.url, settings.get("connection_verify", "")),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    assert (ran.stdout, ran.stderr) == ("6\n", "")


@pytest.mark.parametrize("leave", ["close", "end of the loop", "closed loop"])
def test_a_stream_that_a_program_keeps_is_closed_with_its_connection(service, leave):
    gate, kept, client = Gate(), [], async_client(service)
    service.stream(update("a"), gate)

    async def read():
        kept.append(await client.complete(messages=MESSAGES, stream=True))
        await anext(kept[0])
        if leave == "close":
            await client.close()

    if leave == "closed loop":
        loop = asyncio.new_event_loop()
        loop.run_until_complete(read())
        loop.close()
        asyncio.run(client.close())
    else:
        asyncio.run(read())
    response = kept[0]._response.internal_response
    assert response.closed, "aiohttp warns of it when the program ends"
    assert response.connection is None or response.connection.protocol is None, "aiohttp warns of its connection"
    gate.open()
    assert service.all_closed()
