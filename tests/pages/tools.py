from itertools import count

from loopback import DONE, update
from pages.replies import completion, stream

ids = count(1)


def called(name, *arguments):
    """A call of a function for each of the arguments, which are JSON."""
    calls = [
        {"id": f"call-{next(ids)}", "type": "function", "function": {"name": name, "arguments": text}}
        for text in arguments
    ]
    return completion(finish_reason="tool_calls", tool_calls=calls)


OSLO = '{"city": "Oslo"}'
ANSWER = "It is 4 °C in Oslo."


def script(service):
    service.reply(called("temperature", OSLO, '{"city": "Rome"}'), completion("Rome is warmer: 21 °C."))
    service.reply(called("convert", '{"amount": 21}'), completion("It is 69.8 °F in Rome."))
    service.reply(called("price", '{"product": "the moon"}'), completion("The moon is not for sale."))
    call = {"index": 0, "id": "call-s", "function": {"name": "temperature", "arguments": OSLO}}
    fragment = update() | {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]}
    service.stream(fragment, update(finish_reason="tool_calls"), DONE)
    service.reply(stream("It is ", "4 °C in Oslo."))
    service.reply(called("temperature", OSLO), completion(ANSWER))
    service.reply(called("temperature", OSLO), completion(ANSWER))
    service.reply(called("temperature", OSLO))
