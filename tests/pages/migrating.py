from loopback import json_reply
from pages.replies import completion

NOT_RUN = {"pip install .": "scripts/install does it"}


def script(service):
    error = {"code": "rate_limit_exceeded", "message": "Too many requests."}
    service.reply(completion("Green."), json_reply({"error": error}, 429))
