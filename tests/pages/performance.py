from pages.replies import completion


def script(service):
    service.reply(completion("Yellow"), completion("Blue"))
