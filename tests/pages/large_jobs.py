from loopback import EMBEDDINGS, json_reply
from pages.replies import completion

ANSWERS = {"It is lovely.": "good", "Is this good or bad? It broke at once.": "bad"}


def answer(request):
    """Answer to what the request says: the requests arrive in any order."""
    if "input" in request.json:
        (item,) = EMBEDDINGS["data"]
        items = [{**item, "index": index} for index in range(len(request.json["input"]))]
        return json_reply({**EMBEDDINGS, "data": items})
    text = request.json["messages"][-1]["content"]
    if text in ANSWERS:
        return json_reply(completion(ANSWERS[text]))
    return json_reply({"error": {"code": "BadRequest", "message": "The message is empty."}}, 400)


def script(service):
    service.answer_to = answer
