"""The history of a stream: what was read comes back, from little memory."""

import itertools
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from azure.ai.inference.models._history import History
from azure.ai.inference.models._update_reader import UpdateReader
from hypothesis import given
from hypothesis import strategies as st

STREAMS = Path(__file__).parent / "data" / "streams"
RESPONSE = SimpleNamespace(content_type="text/event-stream")
MEGABYTE = 1_000_000

sizes = st.sampled_from([0, 1, 1000, 500_000, 1_100_000])
entries = st.tuples(st.text(max_size=5), sizes, st.lists(st.text(st.characters(exclude_categories=[])), max_size=3))


@given(st.lists(entries, max_size=8))
def test_a_history_returns_what_was_added(added):
    history, expected = History(), []
    for text, size, strings in added:
        event = json.dumps(text + "x" * size).encode()
        history.add(event, *strings)
        expected.append((event, strings))
    assert list(history.take()) == expected
    assert list(history.take()) == []


def events(shape):
    return [event + b"\n\n" for event in (STREAMS / f"{shape}.sse").read_bytes().split(b"\n\n")[:-2]]


def without_template():
    """Events of which none resembles another."""
    for number, event in enumerate(itertools.cycle(events("openai"))):
        yield event.replace(b'"id"', b'"x%d":0,"id"' % number)


def read(stream, size):
    """Read so many bytes of a stream update by update; return the number of events."""
    reader, count = UpdateReader(RESPONSE), 0
    for event in stream:
        reader.feed(event)
        while reader.next_update() is not None:
            pass
        size -= len(event)
        count += 1
        if size < 0:
            break
    return reader, count


@pytest.mark.parametrize(
    ("stream", "limit"),
    [
        (lambda: itertools.cycle(events("azure_openai")), 0.2),
        (lambda: itertools.cycle(events("openai")), 0.2),
        (lambda: itertools.cycle(events("openai_tool_calls")), 0.4),
        (lambda: itertools.cycle(events("openai_logprobs")), 1.8),
        (without_template, 1.5),
    ],
    ids=["filter results", "padding", "tool calls", "logprobs", "no template"],
)
def test_a_stream_keeps_little_of_what_it_has_read(stream, limit):
    read(stream(), MEGABYTE // 10)  # what is made once
    tracemalloc.start()
    try:
        reader, count = read(stream(), 6 * MEGABYTE)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < limit * MEGABYTE
    assert reader.completion().choices[0].message
    assert count > 6 * MEGABYTE / 600


def test_long_texts_come_back():
    body = {"choices": [{"index": 0, "delta": {"content": "é" * 600_000}}]}
    stream = b"".join(b"data: %b\n\n" % json.dumps(body, ensure_ascii=False).encode() for _ in range(5))
    reader, count = read([stream + b"data: [DONE]\n\n"], len(stream) * 2)
    assert count == 1
    assert reader.completion().choices[0].message.content == "é" * 3_000_000
