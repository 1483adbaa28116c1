"""Decoding JSON, with and without orjson: the same values and errors."""

import json
import sys

import pytest
from azure.ai.inference._json import decoder
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


def test_deep_nesting_raises_recursion_error_or_value_error(decode):
    with pytest.raises((RecursionError, ValueError)):
        decode(b"[" * 100_000 + b"]" * 100_000)
