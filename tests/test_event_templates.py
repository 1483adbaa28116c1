"""The fast path for events that resemble earlier ones: the updates equal those without it."""

import json
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from azure.ai.inference._json import decoder
from azure.ai.inference.models import StreamingChatCompletionsUpdate
from azure.ai.inference.models._accumulator import CompletionAccumulator
from azure.ai.inference.models._event_templates import EventTemplates
from azure.ai.inference.models._history import History
from azure.ai.inference.models._update_reader import UpdateReader
from hypothesis import example, given
from hypothesis import strategies as st

HAS_ORJSON = find_spec("orjson") is not None
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


def decoded(each):
    return decoder()(json.dumps(each).encode())


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
# A key with unusual blanks.
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
    templates, count = EventTemplates(History()), 0
    for each in bodies:
        event = json.dumps(each, **options).encode()
        update = templates.read(event)
        if update is None:
            count += 1
            templates.learn(event, json.loads(event))
        else:
            assert update == each
    return count


def texts(count, **more):
    return [body(f"t{number}", **more) for number in range(count)]


@pytest.mark.parametrize("separators", [None, (",", ":"), (", ", ":  "), (" , ", " : ")])
def test_an_event_that_matches_the_template_is_not_parsed(separators):
    role = body("", within={"role": "assistant"})
    assert parsed_whole(role, *texts(50), separators=separators) == 3


@pytest.mark.parametrize(
    "more",
    [
        {"beside": {"content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}},
        {"around": {"usage": {"prompt_tokens": 1}, "prompt_filter_results": [{"a": [{}]}]}},
        {"within": {"tool_calls": [], "reasoning_content": None}},
        {"around": {"a": ["b", {"c": 1.5}]}, "within": {"role": "assistant"}},
    ],
)
def test_what_is_beside_the_text_may_be_anything_that_stays(more):
    assert parsed_whole(*texts(50, **more)) == 2


def test_a_text_is_found_by_what_changes():
    calls = [{"choices": [{"delta": {"tool_calls": [{"function": {"arguments": f"{n}"}}]}}]} for n in range(9)]
    assert parsed_whole(*calls) == 2
    assert parsed_whole(*({"choices": [{"delta": {"thought": f"{n}", "content": None}}]} for n in range(9))) == 2


@pytest.mark.parametrize("value", [lambda n: f"{n}", lambda n: n + 1, lambda n: n + 0.5, lambda n: 2**63 + n])
@pytest.mark.parametrize("where", ["around", "beside"])
def test_a_value_outside_the_message_may_change_too(value, where):
    assert parsed_whole(*(body(f"t{n}", **{where: {"x": value(n)}}) for n in range(20))) == 2


@pytest.mark.parametrize(
    "value", [lambda n: {"a": n}, lambda n: [n], lambda n: [[str(m) for m in range(n + 1)] * 50], lambda n: [{"a": n}]]
)
@pytest.mark.parametrize("where", ["around", "beside"])
def test_an_object_or_array_may_change_unless_orjson_is_faster(value, where):
    bodies = [body(f"t{n}", **{where: {"x": value(n)}}) for n in range(20)]
    assert parsed_whole(*bodies) == (20 if HAS_ORJSON else 2)


def test_an_integer_of_more_than_64_bits_is_left_to_the_decoder():
    bodies = [body(f"t{n}", around={"x": 2**64 - 10 + n}) for n in range(20)]
    updates, _ = read(*bodies)
    assert repr(updates[:-1]) == repr([StreamingChatCompletionsUpdate._from_wire(decoded(each)) for each in bodies])
    assert parsed_whole(*bodies[:10]) == 2


def test_the_usage_may_change_and_is_a_model():
    bodies = [body(f"t{n}", around={"usage": {"completion_tokens": n + 1}}) for n in range(5)]
    assert parsed_whole(*bodies) == 2
    updates, completion = read(*bodies)
    assert [update.usage.completion_tokens for update in updates[:-1]] == [1, 2, 3, 4, 5]
    assert completion.usage.completion_tokens == 5


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({**END}, {**END}),
        (body("a"), body("a")),
        (body(None), body(7)),
        ({**body("a"), "choices": body("a")["choices"] * 2}, {**body("b"), "choices": body("b")["choices"] * 2}),
        (body("a", beside={"finish_reason": "stop"}), body("b", beside={"finish_reason": "stop"})),
        (body("a", around={"x": 1}), body("b", around={"x": 0})),
        (body("a", around={"x": 1}), body("b", around={"y": 1})),
        (body("a", around={"x": [1]}), body("a", around={"x": [2]})),
        (body("a", within={"role": "x"}), body("b", within={"role": "y"})),
        (body("a", around={"content": "b"}), body("b", around={"content": "b"})),
        (body("a", around={"usage": [{"a": 1}]}), body("b", around={"usage": [{"a": 2}]})),
        (body("a", around={"usage": {"b": {"a": 1}}}), body("b", around={"usage": {"b": {"a": 2}}})),
        (body("a", around={"x": float("nan")}), body("b", around={"x": float("nan")})),
        (body("a", around={"x": {"content": "b"}}), body("b", around={"x": {"content": "b"}})),
        ({**body("a"), "delta": {"content": "a"}}, {**body("b"), "delta": {"content": "b"}}),
        ({"choices": [{"index": 0, "delta": [1]}]}, {"choices": [{"index": 0, "delta": [2]}]}),
    ],
)
def test_events_that_make_no_template(first, second):
    templates = EventTemplates(History())
    for each in (first, second):
        templates.learn(json.dumps(each).encode(), each)
    assert templates.read(json.dumps(second).encode()) is None


def test_a_value_that_is_escaped_in_its_key_is_not_found():
    events = [b'{"choices":[{"delta":{"cont\\u0065nt":"%d"}}]}' % n for n in range(2)]
    templates = EventTemplates(History())
    for event in events:
        templates.learn(event, json.loads(event))
    assert templates.read(events[1]) is None


def test_templates_are_no_longer_made_if_none_matches():
    bodies = [body(f"t{n}", around={f"{n // 2}": 0}) for n in range(60)]
    assert parsed_whole(*bodies) == 60
    assert parsed_whole(*bodies, *texts(50)) == 110
    assert parsed_whole(*bodies[:20], *texts(50), *bodies, *texts(50)) == 20 + 2 + 60 + 50


def test_a_template_that_matches_often_allows_others():
    bodies = [body(f"t{n}", around={f"{n // 25}": 0}) for n in range(25 * 40)]
    assert parsed_whole(*bodies) == 2 * 40


def test_a_long_event_makes_no_template():
    bodies = [body(f"{n}" * 70_000) for n in range(4)]
    assert parsed_whole(*bodies) == 4


def test_each_choice_has_its_template():
    bodies = [body(f"t{n}", index=n % 12) for n in range(36)]
    assert parsed_whole(*bodies[:20]) == 20
    bodies = [body(f"t{n}", index=n % 4) for n in range(100)]
    assert parsed_whole(*bodies) == 8
    updates, completion = read(*bodies)
    assert updates == [*bodies, END]
    assert completion == folded([*bodies, END])


@pytest.mark.parametrize(
    ("key", "value"),
    [("usage", lambda n: {"completion_tokens": n // 2 + 1}), ("x", lambda n: n + 1), ("x", lambda n: n % 2 + 1)],
)
def test_what_the_choices_share_is_that_of_the_last_event(key, value):
    bodies = [body(f"t{n}", index=n % 2, around={key: value(n)}) for n in range(21)]
    assert parsed_whole(*bodies) <= 4
    assert read(*bodies) == ([*bodies, END], folded([*bodies, END]))


@pytest.mark.parametrize("value", ["null", "7", '{"a": 1}', '["a"]', '"a", "b": "c"', '"a', "[" * 100_000, "", "\xff"])
@pytest.mark.parametrize("place", ["TEXT", "VALUE"])
def test_a_value_must_have_its_type(value, place):
    templates = EventTemplates(History())
    event = json.dumps(body("TEXT", around={"x": "VALUE"})).encode()
    templates.learn(event, body("TEXT", around={"x": "VALUE"}))
    templates.learn(event.replace(b"E", b"e"), body("TeXT", around={"x": "VALUe"}))
    assert templates.read(event) == body("TEXT", around={"x": "VALUE"})
    assert templates.read(event.replace(b'"%b"' % place.encode(), value.encode("latin-1"))) is None


def test_a_value_outside_the_message_must_not_be_empty():
    templates = EventTemplates(History())
    for n in (1, 2):
        each = body(f"t{n}", around={"x": str(n)})
        templates.learn(json.dumps(each).encode(), each)
    assert templates.read(json.dumps(body("", around={"x": "3"})).encode()) is not None
    assert templates.read(json.dumps(body("a", around={"x": ""})).encode()) is None


@pytest.mark.parametrize("depth", [10, 60, 98, 99, 1000])
def test_deep_values_are_left_to_the_decoder(depth):
    templates = EventTemplates(History())
    for n in (1, 2):
        each = body(f"t{n}", around={"x": [n]})
        templates.learn(json.dumps(each).encode(), each)
    event = json.dumps(body("a", around={"x": [1]})).replace("[1]", "[" * depth + '"' + "1" * 300 + '"' + "]" * depth)
    assert (templates.read(event.encode()) is None) == (depth > 50 or HAS_ORJSON)


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
