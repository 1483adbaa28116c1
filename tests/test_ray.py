"""Large jobs on a Ray cluster of this machine: a worker is lost, the job is stopped, and goes on."""

import base64
import os
import signal
import struct
import subprocess
import sys
import threading
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from loopback import EMBEDDINGS, Reply, json_reply

arrow = pytest.importorskip("pyarrow", reason="Ray has no wheel for this Python on this platform")
parquet = pytest.importorskip("pyarrow.parquet")
pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray has no wheel for this Python on this platform")

TEXTS = 10_000
BLOCK = 500
REQUEST = 100
IN_FLIGHT = 2 * BLOCK // REQUEST
"""The requests of both workers: all of a block are sent at once."""
LIMIT = 300
"""A limit in seconds that is only reached if a test fails."""
JOB = Path(__file__).with_name("ray_job.py")


class Embedder:
    """Answers with the number that a text is, for as many blocks as are allowed. Other requests get no answer.

    The blocks that are sent first are allowed: their order is Ray's choice, and another one after the loss of a worker.
    Requests for other blocks are held until more are allowed, and then sent again by their client, if it still runs.
    """

    def __init__(self):
        self.held = 0
        self.embedded = Counter()
        self._limit = 0
        self._allowed = set()
        self._change = threading.Condition()

    def __call__(self, request):
        if request.path != "/embeddings":
            return None
        texts = request.json["input"]
        numbers = [int(text.rpartition(" ")[2]) for text in texts]
        with self._change:
            if texts[0].startswith("text") and not self._allows(numbers[0] // BLOCK):
                limit = self._limit
                self.held += 1
                self._change.notify_all()
                self._change.wait_for(lambda: limit < self._limit, LIMIT)
                return Reply([], framing="none", breaks=True)
            self.embedded.update(texts)
        vectors = [base64.b64encode(struct.pack("<f", number)).decode() for number in numbers]
        data = [{"index": index, "object": "embedding", "embedding": vector} for index, vector in enumerate(vectors)]
        return json_reply({**EMBEDDINGS, "data": data})

    def _allows(self, block):
        if len(self._allowed) < self._limit:
            self._allowed.add(block)
        return block in self._allowed

    def has_held(self, count):
        """Wait until so many requests have been held."""
        with self._change:
            return self._change.wait_for(lambda: self.held >= count, LIMIT)

    def allow(self, blocks):
        """Embed so many blocks in all."""
        with self._change:
            self._limit, self.held = blocks, 0
            self._change.notify_all()


class Job:
    """The process of a job, and what it has written."""

    def __init__(self, folder, url):
        self.folder = folder
        settings = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "RAY_TQDM": "0", "HOME": str(folder)}
        names = ("AZURE_AI_EMBEDDINGS", "AZURE_AI_CHAT")
        for name in names:
            settings |= {f"{name}_ENDPOINT": url, f"{name}_KEY": "key-1"}
        with (folder / "errors").open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(JOB)],
                cwd=folder,
                env={**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def count(self):
        """How many rows the checkpoint has."""
        rows = 0
        for path in (self.folder / "job.checkpoint").glob("*.parquet"):
            try:
                rows += parquet.read_metadata(path).num_rows
            except (OSError, arrow.ArrowInvalid):  # it is being written
                continue
        return rows

    def has_written(self, count):
        """Wait until so many rows are in the checkpoint, or the process has ended."""
        pause = threading.Event()
        for _ in range(LIMIT * 10):
            if self.count() >= count or self.process.poll() is not None:
                break
            pause.wait(0.1)
        return self.count() == count

    def reports(self, text):
        """Read the output up to a line."""
        return any(line == f"job: {text}\n" for line in self.process.stdout)

    def workers(self):
        processes = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in processes if "MapBatches(Embedder)" in "".join(process.cmdline())]


@pytest.fixture
def job(tmp_path, service):
    columns = {"id": list(range(TEXTS)), "text": [f"text {number}" for number in range(TEXTS)]}
    parquet.write_table(arrow.table(columns), tmp_path / "job.parquet")
    job = Job(tmp_path, service.url)
    timer = threading.Timer(LIMIT, job.process.kill)  # its output is read without a limit
    timer.start()
    yield job
    timer.cancel()
    if job.process.poll() is None:
        for process in (*psutil.Process(job.process.pid).children(recursive=True), job.process):
            process.kill()
    job.process.wait()
    job.process.stdin.close()
    job.process.stdout.close()


def test_a_job_loses_a_worker_and_is_stopped_and_goes_on(job, service):
    embedder, plain = Embedder(), service.answer_to
    service.answer_to = lambda request: embedder(request) or plain(request)
    embedder.allow(5)
    assert job.has_written(5 * BLOCK), (job.folder / "errors").read_text()
    assert embedder.has_held(IN_FLIGHT)
    worker, _ = job.workers()
    worker.kill()
    embedder.allow(10)
    assert job.has_written(10 * BLOCK), (job.folder / "errors").read_text()
    assert embedder.has_held(IN_FLIGHT)
    assert len(embedder.embedded) == 10 * BLOCK
    workers = job.workers()
    job.process.send_signal(signal.SIGINT)
    assert job.reports("stopped")
    for worker in workers:  # otherwise they would finish their block first, whose rows nobody writes
        worker.kill()
    psutil.wait_procs(workers, LIMIT)
    job.process.stdin.write("go on\n")
    job.process.stdin.flush()
    embedder.allow(TEXTS // BLOCK)
    assert job.reports("resumed")
    rows = parquet.read_table(job.folder / "job").sort_by("id").to_pydict()
    assert rows["id"] == list(range(TEXTS))
    assert rows["text"] == [f"text {number}" for number in range(TEXTS)]
    assert rows["embedding"] == [[float(number)] for number in range(TEXTS)]
    assert set(rows["error"]) == {None}
    assert embedder.embedded == Counter(rows["text"])  # each text once
    output = job.process.stdout.read()
    assert "1000 rows, 0 with an error, 1 numbers for each text\n" in output
    assert "40 rows, 0 with an error, 1 labels\n" in output
    assert job.process.wait(LIMIT) == 0
