"""Accumulation of updates into one completion."""

import pytest
from azure.ai.inference.models import ChatCompletions, CompletionsFinishReason
from azure.ai.inference.models._accumulator import CompletionAccumulator

USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def fold(*bodies):
    folder = CompletionAccumulator()
    for body in bodies:
        folder.add(body)
    completion = folder.completion()
    assert isinstance(completion, ChatCompletions)
    return completion


def deltas(*deltas, index=0, finish_reason="stop"):
    choices = [{"index": index, "delta": delta, "finish_reason": None} for delta in deltas]
    choices[-1]["finish_reason"] = finish_reason
    return [{"id": "c1", "model": "m", "created": 60, "choices": [choice]} for choice in choices]


def calls(*pieces):
    message = fold(*deltas(*({"tool_calls": [piece]} for piece in pieces))).choices[0].message
    return [(call.get("id"), call.function.get("name"), call.function.get("arguments")) for call in message.tool_calls]


def piece(identity=None, name=None, arguments=None, **more):
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {**({} if identity is None else {"id": identity, "type": "function"}), **more, "function": function}


def test_text_fragments_are_joined_and_other_keys_are_preserved():
    completion = fold(
        {"id": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
        *deltas(
            {"role": "assistant", "content": None, "reasoning_content": "Hm"},
            {"reasoning_content": "m.", "content": ""},
            {"content": "Hel", "refusal": None},
            {"content": "lo"},
            {},
        ),
        {"id": "c1", "model": "m", "created": 60, "choices": [], "usage": USAGE, "system_fingerprint": "f"},
    )
    assert completion == {
        "id": "c1",
        "model": "m",
        "created": 60,
        "object": "chat.completion",
        "prompt_filter_results": [{"prompt_index": 0}],
        "system_fingerprint": "f",
        "usage": USAGE,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "Hello", "reasoning_content": "Hmm.", "refusal": None},
            }
        ],
    }
    assert completion.choices[0].finish_reason is CompletionsFinishReason.STOPPED
    assert completion.usage.total_tokens == 3


def test_choices_are_distinguished_by_index():
    first, second = deltas({"content": "a"}, {"content": "b"}), deltas({"content": "x"}, {"content": "y"}, index=1)
    completion = fold(second[0], first[0], second[1], first[1])
    assert [(choice.index, choice.message.content) for choice in completion.choices] == [(0, "ab"), (1, "xy")]


def test_content_of_a_message_without_text_is_none():
    assert fold(*deltas({"role": "assistant"})).choices[0].message.content is None
    assert fold({"choices": [{"finish_reason": "content_filter"}]}).choices[0].message == {"content": None}
    assert fold().choices == []


def test_tool_calls_without_fragments():
    assert calls(piece("a", "f", "{}", index=0), piece("b", "g", "[]", index=1)) == [("a", "f", "{}"), ("b", "g", "[]")]


def test_interleaved_tool_calls():
    pieces = [
        piece("a", "f", "", index=0),
        piece("b", "g", "", index=1),
        piece(arguments='{"x"', index=0),
        piece(arguments='{"y"', index=1),
        piece(arguments=": 1}", index=0),
        piece(arguments=": 2}", index=1),
    ]
    assert calls(*pieces) == [("a", "f", '{"x": 1}'), ("b", "g", '{"y": 2}')]


def test_a_new_id_starts_a_tool_call_without_index():
    pieces = [piece("a", "f", "1"), piece(arguments="2"), piece("b", "g", "3"), piece("b", arguments="4")]
    assert calls(*pieces) == [("a", "f", "12"), ("b", "g", "34")]


def test_tool_calls_with_the_same_index():
    pieces = [piece("a", "f", "1", index=0), piece("b", "g", "2", index=0), piece(arguments="3", index=0)]
    assert calls(*pieces) == [("a", "f", "1"), ("b", "g", "23")]


def test_repeated_or_late_id_and_name_of_a_tool_call():
    assert calls(piece("a", "f", "1", index=0), piece("a", "f", "2", index=0)) == [("a", "f", "12")]
    assert calls(piece("", "f", "1", index=0), piece("a", "", "2", index=0)) == [("a", "f", "12")]


def test_accumulated_tool_calls_can_be_sent():
    message = fold(*deltas({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f"}}]})).choices[0].message
    assert message.tool_calls == [{"id": "a", "function": {"name": "f"}, "type": "function"}]


def test_logprobs_audio_and_filter_results_are_merged():
    updates = [
        {"delta": {"audio": {"id": "x", "data": "AA"}}, "logprobs": {"content": [{"token": "a"}]}},
        {
            "delta": {"audio": {"data": "BB", "expires_at": 60}},
            "content_filter_results": {"hate": {"severity": "safe"}},
        },
        {"logprobs": {"content": [{"token": "b"}]}, "content_filter_results": {"hate": {"severity": "low"}, "x": {}}},
        {"logprobs": None},
    ]
    choice = fold(*({"choices": [{"index": 0, **update}]} for update in updates)).choices[0]
    assert choice.message.audio == {"id": "x", "data": "AABB", "expires_at": 60}
    assert choice.logprobs == {"content": [{"token": "a"}, {"token": "b"}]}
    assert choice.content_filter_results == {"hate": {"severity": "low"}, "x": {}}


def test_updates_are_not_modified():
    body = {"choices": [{"index": 0, "delta": {"audio": {"data": "A"}}, "logprobs": {"content": [1]}}]}
    again = {"choices": [{"index": 0, "delta": {"audio": {"data": "B"}}, "logprobs": {"content": [2]}}]}
    fold(body, again)
    assert body == {"choices": [{"index": 0, "delta": {"audio": {"data": "A"}}, "logprobs": {"content": [1]}}]}


@pytest.mark.parametrize("choice", [{"index": "x"}, {"index": None, "delta": "x"}, {"delta": {"tool_calls": ["x"]}}])
def test_malformed_choices_are_ignored(choice):
    assert fold({"choices": [choice]}).choices[0].index == 0
    assert fold({"choices": [{"delta": {"tool_calls": "x"}}]}).choices[0].message.content is None


def test_what_comes_whole_in_each_delta_is_not_joined():
    audio = {"id": "a1", "format": "wav"}
    completion = fold(
        *deltas(
            {"role": "assistant", "type": "text", "name": "Ada", "content": "a", "audio": {**audio, "data": "AA"}},
            {"role": "assistant", "type": "text", "name": "Ada", "content": "b", "audio": {**audio, "data": "BB"}},
        )
    )
    assert completion.choices[0].message == {
        "role": "assistant",
        "type": "text",
        "name": "Ada",
        "content": "ab",
        "audio": {**audio, "data": "AABB"},
    }


@pytest.mark.parametrize("later", [{"usage": None, "model": None}, {"usage": {}, "model": ""}])
def test_nothing_in_a_later_update_takes_nothing_away(later):
    completion = fold({"id": "c1", "model": "m", "usage": USAGE, "choices": []}, {"choices": [], **later})
    assert (completion["model"], completion["usage"]) == ("m", USAGE)
