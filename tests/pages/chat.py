from loopback import COMPLETION
from pages.replies import completion

NAMES = [
    {"index": index, "finish_reason": "stop", "message": {"role": "assistant", "content": name}}
    for index, name in enumerate(("Miso", "Pixel", "Juno"))
]
CUT = {"prompt_tokens": 11, "completion_tokens": 6, "total_tokens": 17}


def script(service):
    service.reply(
        completion("There are 5,280 feet in a mile."),
        completion("The Douro."),
        completion("The Atlantic Ocean."),
        {**completion("The moon is a rocky body", "length"), "usage": CUT},
        {**COMPLETION, "choices": NAMES},
        completion("Hello!"),
        completion("A short poem from Japan."),
        completion("Hello!"),
        completion("Hello!"),
        completion("Blue."),
        completion("Blue."),
    )
