from loopback import DONE, update
from pages.replies import stream

TIDES = ("The moon ", "pulls the sea.")
USAGE = {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20}


def call(index, city):
    """A tool call in two fragments."""
    first = {"index": index, "id": f"call-{index + 1}", "function": {"name": "temperature", "arguments": '{"city": '}}
    return fragment(first), fragment({"index": index, "function": {"arguments": f'"{city}"}}'}})


def fragment(tool_call):
    return update() | {"choices": [{"index": 0, "delta": {"tool_calls": [tool_call]}, "finish_reason": None}]}


def script(service):
    service.reply(stream(*TIDES), stream(*TIDES, usage=USAGE))
    service.stream(*call(0, "Oslo"), *call(1, "Rome"), update(finish_reason="tool_calls"), DONE)
    service.stream(update(TIDES[0]), {"error": {"code": "server_overloaded", "message": "Try again later."}})
    service.reply(stream(*(f"{number}, " for number in range(1, 10))), stream(*TIDES), stream(*TIDES))
