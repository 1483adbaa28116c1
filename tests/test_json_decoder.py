"""Decoding JSON, with and without orjson: the same values and errors."""

import json
import sys

import pytest
from azure.ai.inference._json import MAX_DEPTH, NestingError, decoder
from hypothesis import given
from hypothesis import strategies as st

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats()  # orjson decodes larger integers as floats
texts = st.text()
documents = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
KINDS = ["orjson", "python"]


@pytest.fixture(scope="module", params=KINDS)
def decode(request):
    """The decoder with or without orjson. The decoder of the environment is restored afterwards."""
    if request.param == "orjson":
        pytest.importorskip("orjson")
    decoder.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "python":
            patch.setitem(sys.modules, "orjson", None)
        found = decoder()
    decoder.cache_clear()
    return found


@given(document=documents, blanks=st.text(" \t\r\n"), ascii_only=st.booleans())
def test_decodes_as_json_loads_does(decode, document, blanks, ascii_only):
    text = blanks + json.dumps(document, ensure_ascii=ascii_only) + blanks
    data = text.encode(errors="surrogatepass")
    try:
        expected = json.loads(data.decode())
    except UnicodeDecodeError:
        expected = None
        with pytest.raises(ValueError, match="utf-8"):
            decode(data)
    else:
        assert repr(decode(data)) == repr(expected)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"1 2",
        b'{"a":1}}',
        b"[1,]",
        b"'a'",
        b'"\t"',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"nul",
        b"\xef\xbb\xbf1",
    ],
)
def test_raises_as_json_loads_does(decode, data):
    with pytest.raises(ValueError):  # noqa: PT011
        decode(data)


@pytest.mark.parametrize("opened", ["[", '{"a":'])
@pytest.mark.parametrize("around", [("", ""), (" ", "\n")])
@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 500, 100_000])
def test_more_levels_than_the_limit_are_an_error_that_names_it(decode, opened, around, depth):
    closed = "]" if opened == "[" else "}"
    data = (opened * (depth - 1) + "[]" + closed * (depth - 1)).join(around).encode()
    if depth > MAX_DEPTH:
        with pytest.raises(NestingError, match=f"nested more than {MAX_DEPTH} levels deep"):
            decode(data)
    else:
        assert decode(data)


@pytest.mark.parametrize(
    "text", ["[" * 200, "]" * 200, '"{' * 200, "\\[" * 200, '\\"[' * 200, "\\" * 3 + '"' + "[" * 200]
)
def test_brackets_in_strings_are_no_levels(decode, text):
    document = {text: [[text, {"a": text}]]}
    assert decode(json.dumps(document).encode()) == document
    deep = (json.dumps([text])[:-1] + "," + "[" * 150 + "]" * 150 + "]").encode()
    with pytest.raises(NestingError):
        decode(deep)


@given(document=documents, depth=st.integers(1, 2 * MAX_DEPTH))
def test_levels_are_counted_whatever_is_beside_them(decode, document, depth):
    text = json.dumps([document, document])
    data = (text[:-1] + "," + "[" * depth + "]" * depth + "]").encode()
    if depth < MAX_DEPTH:
        assert repr(decode(data)) == repr(json.loads(data))
    else:
        with pytest.raises(NestingError):
            decode(data)


def test_a_large_body_may_have_many_objects_beside_each_other(decode):
    document = [{"embedding": [0.5] * 100, "text": "[" * 10}] * 300
    assert decode(json.dumps(document).encode()) == document
