"""What the service answers to the blocks of docs/chat.md."""

from loopback import COMPLETION, Service, completion


def script(service: Service) -> None:
    """Queue the replies."""
    service.reply(completion("There are 5,280 feet in a mile."))
    service.reply(completion("The Douro."), completion("The Atlantic Ocean."))
    usage = {"prompt_tokens": 11, "completion_tokens": 6, "total_tokens": 17}
    service.reply({**completion("The moon is a rocky body", "length"), "usage": usage})
    names = [
        {"index": index, "finish_reason": "stop", "message": {"role": "assistant", "content": name}}
        for index, name in enumerate(("Miso", "Pixel", "Juno"))
    ]
    service.reply({**COMPLETION, "choices": names})
    service.reply(completion("Hello!"), completion("A short poem from Japan."))
    service.reply(completion("Hello!"), completion("Hello!"))
    service.reply(completion("Blue."), completion("Blue."))
