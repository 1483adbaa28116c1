"""The notebook runs as it is, and what its cells print resembles the outputs that are stored in the file."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from loopback import COMPLETION, DONE, EMBEDDINGS, update
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "samples" / "tour.ipynb"
USAGE = {**COMPLETION["usage"], "prompt_tokens_details": {"cached_tokens": 0}}
TRIP = '{"city": "Bergen", "by": "ship"}'


def run(url, folder):
    """The notebook with the outputs that it has now."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    kinds = ("CHAT", "EMBEDDINGS")
    variables = {
        f"AZURE_AI_{kind}_{name}": value for kind in kinds for name, value in (("ENDPOINT", url), ("KEY", "key-1"))
    }
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, kernel_name="python3", coalesce_streams=True, record_timing=False, resources=resources
    )
    client.execute(env={**os.environ, "IPYTHONDIR": str(folder), **variables})
    return notebook


def shapes(notebook):
    """Of each cell, the kinds of its outputs, and the names of the classes in their texts."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            text = output.get("text") or output["data"]["text/plain"]
            yield (
                cell["id"],
                output["output_type"],
                sorted(output.get("data", ())),
                sorted(re.findall(r"\b[A-Z]\w+(?=\()", text)),
            )


def stored():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_prints_what_the_file_shows(service, tmp_path):
    def answer(text):
        message = {"role": "assistant", "content": text}
        return {**COMPLETION, "choices": [{"index": 0, "finish_reason": "stop", "message": message}], "usage": USAGE}

    service.reply(answer("A tower with a light."), answer("A keeper."))
    service.stream(update("It is "), update("wide."), update(finish_reason="stop"), DONE)
    vectors = [{"index": index, "object": "embedding", "embedding": [0.5] * 11} for index in range(2)]
    service.reply(answer(TRIP), {**EMBEDDINGS, "data": vectors})
    printed = run(service.url, tmp_path)
    assert list(shapes(printed)) == list(shapes(stored()))
    texts = "".join(str(output) for cell in printed.cells for output in cell.get("outputs", ()))
    for text in ("A tower with a light.", "A keeper.", "It is wide.", "Trip(city='Bergen', by='ship')", "… (11 items)"):
        assert text in texts
    assert [len(request.json.get("messages", ())) for request in service.requests] == [2, 4, 1, 1, 0]


@pytest.mark.live
def test_the_notebook_runs_with_the_real_model(endpoint, tmp_path):
    assert list(shapes(run(endpoint, tmp_path))) == list(shapes(stored()))
