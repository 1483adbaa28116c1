from pages.replies import completion

FILES = {"sample1.prompty": "samples/sample1.prompty"}


def script(service):
    service.reply(completion("Bonjour !"), completion("A hat, sunscreen, light shoes."))
