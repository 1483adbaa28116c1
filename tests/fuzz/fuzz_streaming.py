"""Fuzz the decoder and the reader of streams: only exceptions of azure-core come out, and cuts make no difference.

pip install atheris
python tests/fuzz/fuzz_streaming.py -max_total_time=60 tests/fuzz/corpus
"""

import base64
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import atheris

with atheris.instrument_imports(include=["azure.ai.inference"]):
    from azure.ai.inference.models._update_reader import UpdateReader

from azure.core.exceptions import AzureError

REQUEST = SimpleNamespace(url="https://example.com/chat/completions")
CORPUS = Path(__file__).parents[1] / "data" / "sse_corpus.json"


def read(chunks, content_type):
    """Return the updates of a stream, and the type of the error that ends it."""
    response = SimpleNamespace(content_type=content_type, request=REQUEST, status_code=200, reason="OK")
    reader, updates, error = UpdateReader(response), [], None
    try:
        for chunk in [*chunks, None]:
            if chunk is None:
                reader.end()
            else:
                reader.feed(chunk)
            while (update := reader.next_update()) is not None:
                updates.append(update)
            if reader.done:
                break
    except AzureError as raised:
        error = type(raised).__name__
    if error is None:
        reader.completion()
    return updates, error


def test_one_input(data):
    provider = atheris.FuzzedDataProvider(data)
    content_type = ("text/event-stream", "application/json")[provider.ConsumeBool()]
    at = sorted(provider.ConsumeIntInRange(0, len(data)) for _ in range(provider.ConsumeIntInRange(0, 4)))
    body = provider.ConsumeBytes(len(data))
    pieces = [body[start:end] for start, end in zip([0, *at], [*at, len(body)], strict=True)]
    whole, cut = read([body], content_type), read(pieces, content_type)
    if json.dumps(whole, default=str) != json.dumps(cut, default=str):
        raise AssertionError(f"{whole} is not {cut}")


def seed(folder):
    """Write the bodies of the test data to the corpus folder."""
    folder.mkdir(exist_ok=True)
    for case in json.loads(CORPUS.read_text(encoding="utf-8")):
        (folder / case["name"]).write_bytes(b"".join(map(base64.b64decode, case["chunks"])))


if __name__ == "__main__":
    seed(Path(__file__).with_name("corpus"))
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
