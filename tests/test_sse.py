"""The decoder of event streams: bytes in, data out."""

import base64
import json
import random
from pathlib import Path

import pytest
from azure.ai.inference._sse import EventDecoder

CORPUS = json.loads(Path(__file__).with_name("data").joinpath("sse_corpus.json").read_text(encoding="utf-8"))


def decode(*chunks):
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events, decoder.flush()


def complete(text):
    """Return the events of a stream that ends with a blank line."""
    events, rest = decode(text)
    assert rest == []
    return events


# The examples of the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream".


def test_whatwg_example_with_two_data_lines():
    assert complete(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [b"YHOO\n+2\n10"]


def test_whatwg_example_with_comment_and_ids():
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"
    assert decode(stream) == ([b"first event", b"second event"], [b" third event"])


def test_whatwg_example_with_empty_data():
    assert decode(b"data\n\ndata\ndata\n\ndata:") == ([b"", b"\n"], [b""])


def test_whatwg_example_with_and_without_the_space():
    assert complete(b"data:test\n\ndata: test\n\n") == [b"test", b"test"]


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_every_newline_ends_a_line(newline):
    assert complete(newline.join([b"data: a", b"data: b", b"", b"data: c", b"", b""])) == [b"a\nb", b"c"]


def test_split_crlf_is_one_newline():
    events, rest = decode(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\ndata: c\r\n", b"\r\n")
    assert (events, rest) == ([b"a\nb", b"c"], [])


def test_an_event_ends_with_the_cr_that_ends_its_blank_line():
    assert EventDecoder().feed(b"data: a\r\r") == [b"a"]


def test_byte_order_mark_at_the_start_is_skipped_however_it_is_split():
    assert decode(b"\xef", b"\xbb\xbfdata: a\n\n") == ([b"a"], [])


def test_byte_order_mark_elsewhere_is_not_skipped():
    assert complete(b"data: a\n\n\xef\xbb\xbfdata: b\n\n") == [b"a"]


def test_other_fields_and_comments_are_ignored():
    assert complete(b":\n: x\nevent: e\nid: 1\nretry: 3\nfoo: bar\nfoo\n \nDATA: x\ndata : x\ndata: a\n\n") == [b"a"]


def test_blank_lines_alone_make_no_event():
    assert complete(b"\n\n\r\n\r\n\n") == []


def test_flush_returns_an_event_without_blank_line():
    assert decode(b"data: a\ndata: b") == ([], [b"a\nb"])
    assert decode(b"data: a\r") == ([], [b"a"])


def test_empty_chunks_change_nothing():
    assert decode(b"", b"data: a\r", b"", b"\n\r\n") == ([b"a"], [])


def test_a_line_in_many_chunks():
    assert decode(b"da", b"ta: ", b"x" * 10, b"y", b"\n", b"\n") == ([b"x" * 10 + b"y"], [])


def cuts(body):
    """Yield every split of a short body into two chunks, and a thousand splits of a long one into up to ten."""
    if len(body) <= 400:
        yield from ([body[:at], body[at:]] for at in range(len(body) + 1))
        return
    pick = random.Random(20261121)
    for _ in range(1000):
        at = sorted(pick.randrange(len(body) + 1) for _ in range(pick.randrange(1, 10)))
        yield [body[start:end] for start, end in zip([0, *at], [*at, len(body)], strict=True)]


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_events_of_the_corpus_do_not_depend_on_chunks(case):
    body = b"".join(map(base64.b64decode, case["chunks"]))
    whole = decode(body)
    tried = 0
    for pieces in cuts(body):
        assert decode(*pieces) == whole, pieces
        tried += 1
    assert tried >= min(len(body), 1000)
