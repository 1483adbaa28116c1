"""The cost of the frequent paths, in function calls: these numbers may only decrease.

The numbers are those of CPython 3.11; other versions call fewer functions.
"""

import gc
import json
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import azure.ai.inference
import pytest
from azure.ai.inference.models import ChatCompletions, UserMessage
from azure.ai.inference.models._update_reader import UpdateReader
from loopback import COMPLETION, event, update

PACKAGE = str(Path(azure.ai.inference.__file__).parent)
RESPONSE = SimpleNamespace(content_type="text/event-stream")
MESSAGES = [{"role": "user", "content": "hi"}]


@contextmanager
def counting():
    """Counts the calls of functions of the package, each coroutine once, and of azure-core's policies.

    The garbage collector is disabled meanwhile: finalizers of objects of other tests would be counted, too.
    """
    frames, counts = {}, Counter()

    def note(frame, what, _argument):
        if what == "call" and id(frame) not in frames:
            frames[id(frame)] = frame  # referenced, so that its id is not reused
            counts["package"] += frame.f_code.co_filename.startswith(PACKAGE)
            counts["policies"] += "/azure/core/pipeline/" in frame.f_code.co_filename

    gc.collect()
    gc.disable()
    sys.setprofile(note)
    try:
        yield counts
    finally:
        sys.setprofile(None)
        gc.enable()


def texts(count):
    reader = UpdateReader(RESPONSE)
    reader.feed(b"".join(event(update(f"t{number}")) for number in range(count)))
    with counting() as counts:
        while (found := reader.next_update()) is not None:
            assert found.choices[0].delta.content
    return counts["package"]


def test_cost_of_an_update():
    assert (texts(110) - texts(10)) / 100 <= 7


def test_cost_of_an_update_without_the_fast_path():
    def calls(count):
        reader = UpdateReader(RESPONSE)
        body = update("t")
        body["choices"][0]["content_filter_results"] = {"hate": {"filtered": False}}
        reader.feed(event(body) * count)
        with counting() as counts:
            while (found := reader.next_update()) is not None:
                assert found.choices[0].delta.content
        return counts["package"]

    assert (calls(110) - calls(10)) / 100 <= 16


@pytest.mark.parametrize("make", [lambda: UserMessage("hi"), lambda: UserMessage(content="hi")])
def test_cost_of_a_message(make):
    with counting() as counts:
        make()
    assert counts["package"] <= 2


def test_cost_of_a_completion():
    body = json.loads(json.dumps(COMPLETION))
    with counting() as counts:
        answer = ChatCompletions(body)
        assert answer.choices[0].message.content
    assert counts["package"] <= 11


@pytest.mark.azure_core((1, 33), "its policies call more functions")
async def test_cost_of_a_call(twin):
    client = twin.chat()
    await client.complete(messages=MESSAGES)
    with counting() as counts:
        await client.complete(messages=MESSAGES)
    assert (
        counts["package"] <= 70
    )  # with what requests, http.client and the runners of azure-core would do at more cost
    assert counts["policies"] <= 43
