"""The tests of weather.py: run `pytest samples/testing`."""

import pytest
from azure.ai.inference.testing import FakeService
from azure.core.exceptions import IncompleteReadError

from samples.testing.weather import TOOL, answer

TEMPERATURES = {"Oslo": 4, "Rome": 21}


def test_the_model_gets_the_results_of_both_calls(inference_service: FakeService) -> None:
    inference_service.calls_tool("temperature", city="Oslo").and_calls_tool("temperature", city="Rome")
    inference_service.streams("Rome ", "is warmer.")
    answered = answer(inference_service.chat_client(), "Which is warmer?", TEMPERATURES.__getitem__)
    assert list(answered) == ["Rome ", "is warmer."]
    first, second = inference_service.requests
    assert first.keywords["tools"] == [TOOL]
    assert [message["role"] for message in second.messages] == ["user", "assistant", "tool", "tool"]
    assert [message["content"] for message in second.messages[2:]] == ["4 °C", "21 °C"]


def test_the_model_may_correct_invalid_arguments(inference_service: FakeService) -> None:
    inference_service.calls_tool("temperature", '{"city": ').calls_tool("temperature", city="Oslo").streams("4 °C.")
    answered = answer(inference_service.chat_client(), "How warm is Oslo?", TEMPERATURES.__getitem__)
    assert "".join(answered) == "4 °C."
    assert inference_service.requests[1].messages[2]["content"].startswith("Invalid arguments")


def test_text_is_shown_until_the_connection_breaks(inference_service: FakeService) -> None:
    inference_service.streams("It ", "is ", "warm.").breaks_off_after(2)
    shown: list[str] = []
    with pytest.raises(IncompleteReadError):
        shown.extend(answer(inference_service.chat_client(), "How warm is Oslo?", TEMPERATURES.__getitem__))
    assert shown == ["It ", "is "]
