from pages.replies import completion, stream


def script(service):
    service.reply(completion("Tides"), stream("The moon ", "pulls the sea."))  # recorded, and then replayed
