"""Transcripts of streams in the shapes that services send: their updates equal those of plain parsing."""

import json
from pathlib import Path

import pytest
from streams.make import SHAPES, transcripts

FOLDER = Path(__file__).parent / "data" / "streams"
FILES = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.sse"))}


def test_the_files_are_what_the_script_makes():
    assert dict(transcripts()) == FILES


@pytest.mark.parametrize("shape", [shape.__name__ for shape in SHAPES])
def test_a_transcript_is_of_a_realistic_length(shape):
    *events, done, end = FILES[shape].split(b"\n\n")
    assert (done, end) == (b"data: [DONE]", b"")
    assert 300 <= len(events) <= 1000
    assert all(type(json.loads(event.removeprefix(b"data: "))) is dict for event in events)
