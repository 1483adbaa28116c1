"""Updates are decoded unchanged, whatever the newlines, the comments and the chunks."""

import json
from types import SimpleNamespace

from azure.ai.inference.models._update_reader import UpdateReader
from hypothesis import given
from hypothesis import strategies as st

RESPONSE = SimpleNamespace(content_type="text/event-stream")
NEWLINES = st.sampled_from([b"\n", b"\r", b"\r\n"])
COMMENTS = st.sampled_from([b":", b": keep-alive", b"event: message", b"id: 7", b"retry: 1", b"foo", b"data x", b" "])

texts = st.text(st.characters(exclude_categories=["Cs"]))
updates = st.fixed_dictionaries(
    {
        "id": texts,
        "choices": st.lists(
            st.fixed_dictionaries({"index": st.integers(0, 3), "delta": st.fixed_dictionaries({"content": texts})}),
            min_size=1,
            max_size=3,
        ),
    }
)


@st.composite
def streams(draw):
    """Generate updates, and chunks of an event stream that contains them."""
    bodies = draw(st.lists(updates, max_size=5))
    lines = []
    for body in bodies:
        text = json.dumps(body, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
        data = [b"data:" + draw(st.sampled_from([b"", b" "])) + line for line in text.encode().split(b"\n")]
        for line in data:
            lines += draw(st.lists(COMMENTS, max_size=2))
            lines.append(line)
        lines.append(b"")
    lines += [b"data: [DONE]", b""]
    stream = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for line in lines:
        newline = draw(NEWLINES)
        if not line and stream.endswith(b"\r"):  # a line feed would complete a CRLF
            newline = b"\r\n" if newline == b"\n" else newline
        stream += line + newline
    at = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    return bodies, [stream[start:end] for start, end in zip([0, *at], [*at, len(stream)], strict=True)]


@given(streams())
def test_updates_round_trip(stream):
    bodies, chunks = stream
    reader, found = UpdateReader(RESPONSE), []
    for chunk in chunks:
        reader.feed(chunk)
        while (update := reader.next_update()) is not None:
            found.append(update)
    assert found == bodies
    assert reader.done
