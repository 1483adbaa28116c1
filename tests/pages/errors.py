from loopback import Gate, Reply, json_reply
from pages.replies import completion

OFF_SPEC = True  # a temperature of -1
REFUSED = {"code": "invalid_value", "message": "temperature must be 0 or more.", "param": "temperature"}
FILTERED = {"code": "content_filter", "message": "The prompt was filtered.", "param": "prompt"}


def script(service):
    service.reply(json_reply({"error": REFUSED}, 400, **{"x-request-id": "7c9e6679"}))
    service.reply(json_reply({"error": FILTERED}, 400), completion("They", "content_filter"))
    service.reply(json_reply({"error": {"code": "429"}}, 429, **{"retry-after": "0"}), completion("Hello!"))
    gate = Gate()

    def after_the_timeout():
        gate.open()
        return json_reply(completion("Hello!"))

    service.reply(Reply([gate], framing="none", breaks=True), after_the_timeout)
