"""Decompression in bounded pieces, and a limit of time that loses nothing."""

import asyncio
import gzip
import zlib

import pytest
from azure.ai.inference._http._decoding import Decoder
from azure.ai.inference._http._waiting_async import within

BODY = bytes(range(256)) * 5000


def decoded(encoding, data, size):
    decoder = Decoder(encoding)
    pieces = [piece for start in range(0, len(data), size) for piece in decoder.decode(data[start : start + size])]
    decoder.finish()
    assert max(map(len, pieces)) <= 262_144
    return b"".join(pieces)


@pytest.mark.parametrize("size", [1, 7, 65_536, 10_000_000])
@pytest.mark.parametrize("encoding", ["gzip", "X-GZIP ", "deflate", "raw"])
def test_any_cut_of_the_bytes(encoding, size):
    raw = zlib.compressobj(wbits=-15)
    sent = {"deflate": zlib.compress(BODY), "raw": raw.compress(BODY) + raw.flush()}.get(encoding, gzip.compress(BODY))
    assert decoded(encoding.replace("raw", "deflate"), sent, size) == BODY


def test_members_follow_each_other_and_padding_is_ignored():
    assert decoded("gzip", gzip.compress(b"a") + gzip.compress(b"b") + b"\0" * 9, 1000) == b"ab"
    assert decoded("deflate", zlib.compress(b"a") + b"more", 1000) == b"a"


@pytest.mark.parametrize("encoding", ["identity", "br", "gzip, gzip"])
def test_other_encodings_are_refused(encoding):
    with pytest.raises(zlib.error, match="not supported"):
        Decoder(encoding)


def test_an_early_end():
    decoder = Decoder("gzip")
    decoder.finish()
    assert list(decoder.decode(gzip.compress(BODY)[:-1]))
    with pytest.raises(zlib.error, match="too early"):
        decoder.finish()


async def test_a_result_that_comes_when_the_caller_is_cancelled_is_not_lost():
    discarded, begun, go_on = [], asyncio.Event(), asyncio.Event()

    async def stubborn():
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            return "late"

    caller = asyncio.ensure_future(within(60, stubborn(), discarded.append))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert discarded == ["late"]


async def test_time_is_up():
    async def sleep(result):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if result is None:
                raise
            return result

    with pytest.raises(TimeoutError):
        await within(0, sleep(None), print)
    assert await within(0.01, sleep("in the end"), print) == "in the end"


async def test_work_that_is_cancelled_with_its_caller_has_no_result():
    begun, discarded = asyncio.Event(), []

    async def wait():
        begun.set()
        await asyncio.Event().wait()

    caller = asyncio.ensure_future(within(60, wait(), discarded.append))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0)
    assert discarded == []
