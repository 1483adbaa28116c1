import base64
from array import array

from loopback import EMBEDDINGS, json_reply

FILES = {name: f"samples/{name}" for name in ("red_circle.png", "blue_square.png")}
LIGHTHOUSE, POTATOES, TOWER = [0.8, 0.6, 0.0], [0.0, 0.6, 0.8], [0.6, 0.8, 0.0]


def embedded(*vectors):
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return json_reply({**EMBEDDINGS, "data": data, "usage": {"prompt_tokens": 11, "total_tokens": 11}})


def in_base64(vector):
    return base64.b64encode(array("f", vector).tobytes()).decode()


def script(service):
    service.reply(embedded(LIGHTHOUSE, POTATOES))
    service.reply(embedded(*map(in_base64, (LIGHTHOUSE, POTATOES, TOWER))))
    service.reply(*[embedded(*[in_base64(LIGHTHOUSE)] * 2)] * 2)  # two requests at once, in any order
    service.reply(embedded(LIGHTHOUSE, TOWER), embedded(LIGHTHOUSE))
