"""The fast path for events that differ in their text only: the updates equal those without it."""

import json
from types import SimpleNamespace

import pytest
from azure.ai.inference.models._accumulator import CompletionAccumulator
from azure.ai.inference.models._text_fast_path import TextFastPath
from azure.ai.inference.models._update_reader import UpdateReader
from hypothesis import example, given
from hypothesis import strategies as st

RESPONSE = SimpleNamespace(content_type="text/event-stream")
END = {"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

pieces = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\{}[]:,'), max_size=12)
awkward = st.sampled_from(['"content":', 'x"content":"y', '{"content":"a"}', '\\"content\\":', "a"])
scalars = st.none() | st.booleans() | st.integers(0, 9) | pieces | awkward
nested = st.lists(scalars, max_size=2) | st.dictionaries(pieces, scalars, max_size=2)
details = st.dictionaries(st.sampled_from(["content", "x", "y"]) | awkward, scalars | nested, max_size=3)


def body(text, index=0, around=(), beside=(), within=()):
    delta = {**dict(within), "content": text}
    return {"id": "c1", **dict(around), "choices": [{**dict(beside), "index": index, "delta": delta}]}


def data(bodies, **options):
    return b"".join(b"data: " + json.dumps(body, **options).encode() + b"\n\n" for body in bodies)


def read(*bodies, **options):
    reader, updates = UpdateReader(RESPONSE), []
    reader.feed(data([*bodies, END], **options) + b"data: [DONE]\n\n")
    while (update := reader.next_update()) is not None:
        updates.append(update)
    return updates, reader.completion()


def folded(bodies):
    folder = CompletionAccumulator()
    for each in bodies:
        folder.add(each)
    return folder.completion()


runs = st.tuples(st.lists(pieces, min_size=1, max_size=14), st.integers(0, 1), details, details, details)


# Texts before and after an event with other content: their order matters.
@example([(["a", "b", "c"], 0, {}, {}, {}), (["d"], 0, {"x": 1}, {}, {}), (["e", "f"], 0, {}, {}, {})], True, None)
# The key "content" also occurs before the text.
@example([(["a", "b", "c"], 0, {"content": "x"}, {}, {})], False, (",", ":"))
# A key with an unusual encoding.
@example([(["a", "b", "c"], 0, {}, {}, {})], False, (" , ", " : "))
@given(st.lists(runs, max_size=4), st.booleans(), st.sampled_from([None, (",", ":"), (" , ", " : ")]))
def test_updates_and_completion_equal_those_without_the_fast_path(runs, ascii_only, separators):
    bodies = [body(text, *around) for texts, *around in runs for text in texts]
    updates, completion = read(*bodies, ensure_ascii=ascii_only, separators=separators)
    assert updates == [*bodies, END]
    assert [list(update) for update in updates] == [list(each) for each in [*bodies, END]]
    assert completion == folded([*bodies, END])


def parsed_whole(*bodies, **options):
    """Return the number of events that are parsed as a whole."""
    texts, count = TextFastPath(), 0
    for each in bodies:
        event = json.dumps(each, **options).encode()
        if texts.read(event) is None:
            count += 1
            texts.learn(event, each)
    return count


@pytest.mark.parametrize("separators", [None, (",", ":"), (", ", ":  ")])
def test_an_event_that_matches_the_template_is_not_parsed(separators):
    role = body("", within={"role": "assistant"})
    assert parsed_whole(role, *(body(f"t{n}") for n in range(50)), separators=separators) == 2


def test_an_event_with_another_encoding_is_not_a_template():
    bodies = [body(f"t{n}") for n in range(5)]
    assert parsed_whole(*bodies, separators=(" , ", " : ")) == 5


def test_the_completion_has_the_texts_in_order():
    more = body("d", beside={"content_filter_results": {}})
    bodies = [*(body(text) for text in "abc"), more, *(body(text) for text in "efg"), more]
    updates, completion = read(*bodies)
    assert updates == [*bodies, END]
    assert completion.choices[0].message.content == "abcdefgd"


def test_a_change_outside_the_text_makes_a_new_template():
    bodies = [body(f"t{n}", around={"created": n // 25}) for n in range(100)]
    assert parsed_whole(*bodies) == 4


def test_the_fast_path_is_disabled_after_failed_templates():
    bodies = [body(f"t{n}", around={"created": n}) for n in range(100)]
    assert parsed_whole(*bodies) == 100
    texts = TextFastPath()
    for each in bodies:
        texts.learn(json.dumps(each).encode(), each)
    assert texts.read(json.dumps(body("", around={"created": 2})).encode()) is not None
    assert texts.read(json.dumps(body("", around={"created": 3})).encode()) is None


@pytest.mark.parametrize(
    "each",
    [
        {**END},
        {**body("a"), "choices": body("a")["choices"] * 2},
        body(None),
        body(7),
        body("a", beside={"finish_reason": "stop"}),
        body("a", beside={"content_filter_results": {}}),
        body("a", around={"usage": {}}),
        body("a", within={"tool_calls": []}),
        body("a", around={"content": "a"}),
        {"choices": [{"index": 0, "delta": [1]}]},
    ],
)
def test_an_event_with_more_than_a_text_is_not_a_template(each):
    assert parsed_whole(each, each) == 2


@pytest.mark.parametrize("value", ["null", "7", '{"a": 1}', '["a"]', '"a", "b": "c"', '"a', "[" * 100_000])
def test_the_value_in_place_of_the_text_must_be_a_string(value):
    texts = TextFastPath()
    event = json.dumps(body("TEXT")).encode()
    texts.learn(event, body("TEXT"))
    assert texts.read(event.replace(b'"TEXT"', b'"other"')) == body("other")
    assert texts.read(event.replace(b'"TEXT"', value.encode())) is None


def test_updates_of_one_template_share_no_objects():
    updates, completion = read(*(body(f"t{n}") for n in range(3)))
    updates[1].choices[0].delta.content = "changed"
    updates[1].choices[0].index = 5
    updates[1].id = "changed"
    updates[1].choices.append("more")
    assert updates[2] == body("t2")
    assert completion.choices[0].message.content == "t0t1t2"


def test_the_completion_is_the_same_each_time():
    reader = UpdateReader(RESPONSE)
    reader.feed(data(body(f"t{n}") for n in range(3)))
    contents = []
    while reader.next_update() is not None:
        contents.append(reader.completion().choices[0].message.content)
    assert contents == ["t0", "t0t1", "t0t1t2"]
    assert reader.completion().choices[0].message.content == "t0t1t2"


def test_what_differs_after_the_text_is_seen():
    """Two answers at once: their events are of one length, and only what stands after the text tells them apart."""
    bodies = [
        {"id": "c1", "choices": [{"delta": {"content": text}, "index": index, "finish_reason": None}], "model": model}
        for text, index, model in zip("axbycd", [0, 1, 0, 1, 0, 0], "mmmmnn", strict=True)
    ]
    updates, completion = read(*bodies)
    assert updates == [*bodies, END]
    assert [choice["message"]["content"] for choice in completion["choices"]] == ["abcd", "xy"]
