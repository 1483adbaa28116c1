"""What the service answers to the blocks of docs/streaming_guide.md."""

from typing import Any

from loopback import DONE, Service, update

TIDES = [update("The moon "), update("pulls the sea."), update(finish_reason="stop")]
USAGE = {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20}


def script(service: Service) -> None:
    """Queue the replies."""
    service.stream(*TIDES, DONE)
    service.stream(*TIDES, {**update(), "choices": [], "usage": USAGE}, DONE)
    calls = [fragment for index, city in enumerate(("Oslo", "Rome")) for fragment in _call(index, city)]
    service.stream(*calls, update(finish_reason="tool_calls"), DONE)
    service.stream(TIDES[0], {"error": {"code": "server_overloaded", "message": "Try again later."}})
    service.stream(*(update(f"{number}, ") for number in range(1, 10)), update(finish_reason="length"), DONE)
    service.stream(*TIDES, DONE)
    service.stream(*TIDES, DONE)


def _call(index: int, city: str) -> list[dict[str, Any]]:
    """A tool call in two fragments."""
    first = {"index": index, "id": f"call-{index + 1}", "function": {"name": "temperature", "arguments": '{"city": '}}
    return [_calls(first), _calls({"index": index, "function": {"arguments": f'"{city}"}}'}})]


def _calls(fragment: dict[str, Any]) -> dict[str, Any]:
    return update() | {"choices": [{"index": 0, "delta": {"tool_calls": [fragment]}, "finish_reason": None}]}
