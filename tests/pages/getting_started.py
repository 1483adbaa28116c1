from loopback import json_reply
from pages.replies import completion, stream

NOT_RUN = {"pip install '.[aio,structured]'": "scripts/install does it"}


def script(service):
    service.reply(
        completion("A mile has 5,280 feet."),
        stream("One, ", "two, ", "three."),
        completion("Green."),
        stream("Red ", "and ", "blue."),
        completion('{"name": "Lyon", "is_capital": false}'),
        json_reply({"error": {"code": "DeploymentNotFound", "message": "The deployment does not exist."}}, 404),
    )
