"""Embed a Parquet file with the sample, be stopped by Ctrl-C, and go on; then run the samples. For `test_ray.py`."""

import signal
import sys
from contextlib import suppress
from pathlib import Path

import ray
import sample_chat_completions_ray
import sample_embeddings_ray


def report(text):
    sys.stdout.write(f"job: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    here = Path.cwd()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background of a shell ignores it
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20, log_to_driver=False)
    for word in ("stopped", "resumed"):
        with suppress(KeyboardInterrupt):
            sample_embeddings_ray.embed_file(str(here / "job.parquet"), str(here / "job"), batch_size=100)
        report(word)
        if word == "stopped":
            sys.stdin.readline()  # the workers need a moment to end
    sample_embeddings_ray.main()
    sample_chat_completions_ray.main()
    report("done")
