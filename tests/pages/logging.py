from loopback import COMPLETION, json_reply


def script(service):
    service.reply(COMPLETION)
    busy = json_reply({"error": {"code": "busy", "message": "Try again."}}, 503, **{"retry-after": "0"})
    service.reply(busy, json_reply(COMPLETION, **{"x-request-id": "7c9e6679"}))
    service.reply(json_reply({"error": {"code": "401", "message": "The key is not valid."}}, 401))
