"""The plan of large jobs: batches, the bound of what is read, order and errors, without I/O."""

import json
import os
import subprocess
import sys
from itertools import count, islice

import pytest
from azure.ai.inference._bulk import EmbeddingsPlan, Schedule
from azure.ai.inference.limits import estimate_tokens
from azure.ai.inference.models import EmbeddingsResult
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.one_of(st.text(max_size=20), st.integers(0, 2_000_000).map("é".__mul__), st.integers(0, 9).map("a".__mul__))


def plan(batch_size=3):
    return EmbeddingsPlan({}, batch_size, asks_base64=False)


def schedule(planned, max_concurrency=32, **options):
    settings = {"on_error": "raise", "ordered": True, "progress": None, "total": None, **options}
    return Schedule(planned, max_concurrency=max_concurrency, **settings)


def batches(planned, texts):
    jobs = [job for index, text in enumerate(texts) for job in planned.add(index, text)]
    return [*jobs, *planned.end()]


def answer(job):
    data = [{"index": index, "embedding": [0.0], "object": "embedding"} for index in range(len(job["input"]))]
    return EmbeddingsResult({"data": data, "usage": {"prompt_tokens": len(data), "total_tokens": len(data)}})


@given(st.lists(TEXTS, max_size=12))
def test_batches_hold_all_texts_in_order_within_the_limits(texts):
    found = batches(plan(), texts)
    assert [text for job in found for text in job.inputs] == texts
    assert [job.index for job in found] == [sum(len(job.inputs) for job in found[:n]) for n in range(len(found))]
    for job in found:
        assert 1 <= len(job.inputs) <= 3
        if len(job.inputs) > 1:
            assert len(json.dumps(job.inputs)) <= 1_000_000
            assert sum(map(estimate_tokens, job.inputs)) <= 300_000


@pytest.mark.parametrize(
    ("text", "most"), [("a", 10), ("a" * 400_000, 2), ("a b " * 100_000, 2), ("日" * 100_000, 1), ("日" * 70_000, 2)]
)
def test_batches_are_bounded_by_number_bytes_and_tokens(text, most):
    assert {len(job.inputs) for job in batches(plan(10), [text] * 20)} == {most}


def test_a_million_texts_are_read_as_they_are_delivered():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    # In a process of its own, where coverage is not measured, which would take half a minute.
    subprocess.run([sys.executable, __file__], check=True, env=environment)


def test_no_more_than_the_window_is_open():
    job = schedule(plan(1))
    sent = [one for text in islice(iter(lambda: "a" if job.wants_input else None, None), 100) for one in job.add(text)]
    assert len(sent) == 64
    for one in reversed(sent):
        assert not job.wants_input
        run = job.begin(one)
        run.succeed(answer(run.next_call()))
        job.finish(one, run.parts)
        assert [item.index for item in job.deliver()] == (list(range(64)) if one.index == 0 else [])


def embed_a_million_texts():
    read, delivered = count(), 0
    texts = (str(next(read)) for _ in range(1_000_000))
    job = schedule(plan(50))
    waiting = []
    while not job.is_over:
        while job.wants_input:
            text = next(texts, None)
            waiting += job.end() if text is None else job.add(text)
        for one in waiting:
            run = job.begin(one)
            run.succeed(answer(run.next_call()))
            job.finish(one, run.parts)
        waiting.clear()
        for item in job.deliver():
            assert item.index == delivered
            delivered += 1
        assert job._read - delivered <= 64 * 50
    assert delivered == 1_000_000
    assert not job.waits


if __name__ == "__main__":
    embed_a_million_texts()
