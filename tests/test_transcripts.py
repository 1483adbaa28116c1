"""Transcripts of streams in the shapes that services send: what is read of them equals plain parsing."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from azure.ai.inference.models import StreamingChatCompletionsUpdate
from azure.ai.inference.models._accumulator import CompletionAccumulator
from azure.ai.inference.models._update_reader import UpdateReader
from azure.core.exceptions import AzureError
from hypothesis import given
from hypothesis import strategies as st
from streams.make import SHAPES, transcripts

FOLDER = Path(__file__).parent / "data" / "streams"
FILES = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.sse"))}
REQUEST = SimpleNamespace(url="https://example.com/chat/completions")
RESPONSE = SimpleNamespace(content_type="text/event-stream", request=REQUEST, status_code=200, reason="OK")
WINDOW = 24
"""The number of events of a mutated stream: a few at the start of a transcript, and some from its middle."""

each_shape = pytest.mark.parametrize("shape", [shape.__name__ for shape in SHAPES])
TOKENS = (
    *(
        b"",
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b" ",
        b"\n",
        b"\0",
        b"\xff",
        b"\\ud83d",
        b"null",
        b"0",
        b"true",
    ),
    *(
        b"NaN",
        b"1e400",
        b"123456789012345678901234567890",
        b'"x"',
        b'""',
        b"{}",
        b"[]",
        b"[" * 120,
        b"[" * 99 + b"]" * 99,
    ),
    *(b'"content":', b'"content":"x",', b'"error":{"code":"x"},', b'"index":1,', b'"finish_reason":"stop",'),
)
positions = st.floats(0, 1, exclude_max=True)
mutations = st.lists(st.tuples(positions, positions, st.integers(0, 12), st.sampled_from(TOKENS)), max_size=4)
KEYS = (
    *(
        "id",
        "model",
        "created",
        "usage",
        "error",
        "obfuscation",
        "choices",
        "index",
        "finish_reason",
        "logprobs",
        "delta",
    ),
    *(
        "content_filter_results",
        "role",
        "content",
        "refusal",
        "reasoning_content",
        "tool_calls",
        "function",
        "arguments",
        "x",
    ),
)
VALUES = (
    *(
        lambda _: None,
        lambda _: "",
        lambda _: "a",
        lambda _: {},
        lambda _: [],
        lambda _: 0,
        lambda _: {"a": [{"b": "c"}]},
    ),
    *(
        str,
        lambda n: n,
        lambda n: n / 2,
        lambda n: n % 2 == 0,
        lambda n: 2**63 + n,
        lambda n: {"a": n},
        lambda n: [str(n)],
    ),
    *(lambda n: {"content": [{"token": str(n)}]}, lambda n: [{"index": n % 2, "function": {"arguments": str(n)}}]),
    lambda n: [{"id": f"call{n // 5}", "function": {"name": "f", "arguments": str(n)}}],
)
edits = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 4), st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=4
)
cuts = st.lists(positions, max_size=8)


def spoil(value):
    """Change all that can be changed in what a program got."""
    for inner in list(value.values() if isinstance(value, dict) else value):
        if isinstance(inner, (dict, list)):
            spoil(inner)
    value.clear()
    if isinstance(value, list):
        value.append("spoilt")
    else:
        value["spoilt"] = True


def read(pieces, *, plainly=False):
    """Return what is read: the updates, the error, and the completion. `repr` shows types and the order of keys."""
    reader, updates, error = UpdateReader(RESPONSE), [], None
    if plainly:
        reader._templates._attempts_left = 0  # no template is made
    try:
        for piece in [*pieces, None]:
            if piece is None:
                reader.end()
            else:
                reader.feed(piece)
            while (update := reader.next_update()) is not None:
                updates.append(repr(update))
                if not plainly:
                    spoil(update)
            if reader.done:
                break
    except AzureError as raised:
        error = f"{type(raised).__name__}: {raised}"
    return updates, error, repr(reader.completion())


def cut(body, at):
    ends = sorted(int(part * len(body)) for part in at)
    return [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True) if end > start]


def test_the_files_are_what_the_script_makes():
    assert dict(transcripts()) == FILES


@each_shape
def test_a_transcript_is_of_a_realistic_length(shape):
    *events, done, end = FILES[shape].split(b"\n\n")
    assert (done, end) == (b"data: [DONE]", b"")
    assert 300 <= len(events) <= 1000


@each_shape
@pytest.mark.parametrize("size", [1, 100, 4096, 65_536, 1_000_000])
def test_what_is_read_equals_plain_parsing(shape, size):
    body = FILES[shape]
    bodies = [json.loads(event[6:]) for event in body.split(b"\n\n")[:-2]]
    accumulator = CompletionAccumulator()
    for each in bodies:
        accumulator.add(each)
    expected = [each for each in bodies if each["choices"] or each.get("usage")]
    updates, error, completion = read(body[start : start + size] for start in range(0, len(body), size))
    assert updates == [repr(StreamingChatCompletionsUpdate._from_wire(each)) for each in expected]
    assert error is None
    assert completion == repr(accumulator.completion())


@each_shape
@given(start=positions, at=cuts, changes=mutations)
def test_a_mutated_stream_is_read_as_without_templates(shape, start, at, changes):
    events = FILES[shape].split(b"\n\n")[:-1]
    first = int(start * len(events))
    events = [*events[:4], *events[first : first + WINDOW], *events[-3:]]
    for event, position, length, token in changes:
        number = int(event * len(events))
        text = events[number]
        offset = int(position * len(text))
        events[number] = text[:offset] + token + text[offset + length :]
    body = b"".join(event + b"\n\n" for event in events)
    assert read(cut(body, at)) == read([body], plainly=True)


def objects(value):
    """The objects within each other at the beginning of each list."""
    while isinstance(value, (dict, list)) and value:
        if isinstance(value, dict):
            yield value
        inner = list(value.values() if isinstance(value, dict) else value)
        value = next((item for item in inner if isinstance(item, (dict, list))), None)


@each_shape
@given(changes=edits)
def test_an_edited_stream_is_read_as_without_templates(shape, changes):
    events = FILES[shape].split(b"\n\n")
    lines = []
    for number, event in enumerate([*events[:WINDOW], *events[-20:-2]]):
        body = json.loads(event[6:])
        for step, level, key, value in changes:
            found = list(objects(body))
            if number % step == 0 and level < len(found):
                found[level][key] = value(number)
        lines.append(b"data: %b\n\n" % json.dumps(body, ensure_ascii=number % 11 == 0).encode(errors="replace"))
    body = b"".join(lines)
    assert read([body]) == read([body], plainly=True)
