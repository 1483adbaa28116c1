"""One stream in several hands: each update goes to one of them, and nobody is left to wait."""

import asyncio
import threading

import pytest
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import IncompleteReadError
from loopback import DONE, TIMEOUT, Gate, Reply, event, update
from transports import other_transport

MESSAGES = [UserMessage("hi")]
FRAMINGS = ["chunked", "length", "close"]


async def read_elsewhere(twin, stream):
    """Let another thread, or another task, wait for the next update."""
    begun, read = threading.Event(), stream.raw._body.read

    def note():
        begun.set()
        return read()

    async def call():
        return await anext(stream)

    stream.raw._body.read = note
    other = asyncio.ensure_future(call() if twin.mode == "async" else asyncio.to_thread(asyncio.run, call()))
    assert await asyncio.to_thread(begun.wait, TIMEOUT)
    return other


async def interrupted(twin, service, framing="chunked", **settings):
    """A stream that another one is reading: it, what the other one does, and what lets the service go on."""
    gate = Gate()
    body = [event(update("a")), gate, event(update("b")), event(update(finish_reason="stop")), DONE]
    service.reply(Reply(body, framing=framing))
    stream = await twin.chat(**settings).complete(messages=MESSAGES, stream=True)
    await anext(stream)
    return stream, await read_elsewhere(twin, stream), gate


async def test_a_second_reader_is_refused_and_the_first_one_loses_nothing(twin, service):
    stream, other, gate = await interrupted(twin, service)
    for read in (lambda: anext(stream), stream.get_final_completion):
        with pytest.raises(ValueError, match=r"The stream is being read by another (thread|task)"):
            await read()
    gate.open()
    assert (await other).choices[0].delta.content == "b"
    completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == "ab"


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("close", ["close", "with"])
async def test_closing_ends_a_read_that_another_one_waits_in(twin, service, framing, close):
    stream, other, gate = await interrupted(twin, service, framing)
    if close == "close":
        await stream.close()
    else:
        async with stream:
            pass
    with pytest.raises(ValueError, match="The stream was closed while it was being read"):
        await asyncio.wait_for(other, TIMEOUT)
    assert [item async for item in stream] == []
    await stream.close()
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


async def test_what_came_before_the_close_can_still_be_had(twin, service):
    stream, other, gate = await interrupted(twin, service)
    await stream.close()
    with pytest.raises(ValueError, match="closed"):
        await asyncio.wait_for(other, TIMEOUT)
    completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == "a"
    gate.open()


async def test_another_transport_ends_the_read_with_the_next_bytes(twin, service):
    stream, other, gate = await interrupted(twin, service, transport=other_transport(twin))
    closing = asyncio.ensure_future(stream.close() if twin.mode == "async" else asyncio.to_thread(stream.raw.close))
    gate.open()
    await asyncio.wait_for(closing, TIMEOUT)
    await asyncio.wait_for(asyncio.wait([other]), TIMEOUT)
    assert isinstance(other.exception(), ValueError) or other.result().choices[0].delta.content == "b"
    assert [item async for item in stream] == []


@pytest.mark.parametrize("twin", ["sync"], indirect=True)  # tasks take turns
async def test_each_update_goes_to_one_of_many_threads(twin, service):
    count = 400
    service.stream(*(update(f"{number} ") for number in range(count)), update(finish_reason="stop"), DONE)
    stream = (await twin.chat().complete(messages=MESSAGES, stream=True)).raw
    found, everyone = [], threading.Barrier(8)

    def read():
        everyone.wait(TIMEOUT)
        while True:
            try:
                found.extend(choice.delta.content for choice in next(stream).choices if choice.delta.content)
            except ValueError:  # another thread reads
                continue
            except StopIteration:
                return

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        await asyncio.to_thread(reader.join)
    assert sorted(found, key=int) == [f"{number} " for number in range(count)]
    assert stream.get_final_completion().choices[0].message.content == "".join(f"{n} " for n in range(count))


async def test_a_stream_that_breaks_is_not_taken_for_closed(twin, service):
    gate = Gate()
    service.reply(Reply([event(update("a")), gate], breaks=True))
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    await anext(stream)
    other = await read_elsewhere(twin, stream)
    gate.open()
    with pytest.raises(IncompleteReadError):
        await asyncio.wait_for(other, TIMEOUT)
