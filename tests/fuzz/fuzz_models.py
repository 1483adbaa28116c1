"""Fuzz answers: whatever a body holds, it is refused by an exception of azure-core, or can be looked at and copied.

pip install atheris
python tests/fuzz/fuzz_models.py -max_total_time=60 tests/fuzz/models
"""

import copy
import json
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import atheris

with atheris.instrument_imports(include=["azure.ai.inference"]):
    from azure.ai.inference._body import read_answer
    from azure.ai.inference._errors import response_error
    from azure.ai.inference.models import ChatCompletions, EmbeddingsResult, ModelInfo

from azure.core.exceptions import AzureError

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "data" / "spec"))
from loopback import COMPLETION, EMBEDDINGS, INFO

SEEDS = {ChatCompletions: COMPLETION, EmbeddingsResult: EMBEDDINGS, ModelInfo: INFO}
ALLOWED = (AttributeError, KeyError, TypeError, ValueError)


class Response(SimpleNamespace):
    """A response of the service, as far as an answer and an error look at it."""

    headers, reason, url, content_type = {}, "OK", "https://example.com", "application/json"
    request = SimpleNamespace(url=url)

    def text(self):
        return self.content.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.content)


def look_at(value, depth=0):
    """Look at everything in a model, as programs do."""
    if isinstance(value, list):
        for item in value[:3]:
            look_at(item, depth + 1)
    elif isinstance(value, dict) and depth < 10:
        for name in {*type(value).__annotations__, *value}:
            with suppress(*ALLOWED):
                look_at(getattr(value, name), depth + 1)


def test_one_input(data):
    provider = atheris.FuzzedDataProvider(data)
    model = list(SEEDS)[provider.ConsumeIntInRange(0, len(SEEDS) - 1)]
    content = provider.ConsumeBytes(len(data))
    with suppress(AzureError):
        answer = read_answer(model, Response(content=content, status_code=200))
        look_at(answer)
        repr(answer), str(answer), copy.deepcopy(answer)
        if pickle.loads(pickle.dumps(answer)) != copy.copy(answer) and b"NaN" not in content:
            raise AssertionError(f"{answer} is changed by a pickle")
    repr(response_error(Response(content=content, status_code=400)))


def seed(folder):
    """Write one valid answer of each kind to the corpus folder."""
    folder.mkdir(exist_ok=True)
    for body in SEEDS.values():
        (folder / body.get("id", body.get("model_name", "embeddings"))).write_text(json.dumps(body))


if __name__ == "__main__":
    seed(Path(__file__).with_name("models"))
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
