"""Classify a file of texts on the machines of a Ray cluster: a failed request costs its row, not the job.

    pip install '.[ray]'
    python samples/sample_chat_completions_ray.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import logging
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import BulkFailure, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pyarrow import parquet
from ray.data import ActorPoolStrategy, DataContext
from ray.data.checkpoint import CheckpointConfig

ROWS = 40
TOKENS_PER_MINUTE = 100_000
TASK = SystemMessage("Is the review good or bad? Answer with one word.")


class Classifier:
    """Classifies batches of rows. Ray makes one for each worker, and makes it again if the worker is lost.

    :param client: A client; it is pickled, and each worker has a copy with connections of its own.
    """

    def __init__(self, client: ChatCompletionsClient) -> None:
        self._client = client

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Add the columns `label` and `error`."""
        labels: list[str | None] = []
        errors: list[str | None] = []
        requests = ([TASK, UserMessage(text)] for text in batch["text"].tolist())
        with self._client.complete_many(requests, on_error="yield", max_tokens=3, temperature=0) as results:
            for result in results:
                if isinstance(result, BulkFailure):
                    labels.append(None)
                    errors.append(str(result.error))
                else:
                    labels.append(result.completion.choices[0].message.content)
                    errors.append(None)
        return {**batch, "label": labels, "error": errors}


def classify_file(source: str, target: str, *, workers: int = 2, rows_per_block: int = 10) -> None:
    """Classify the column `text` of a Parquet file whose column `id` is unique, and write the rows to a folder.

    :param source: The absolute path or the URL of the file or folder.
    :param target: The same of the folder to write. The checkpoint is beside it: the next call skips the blocks that
     have been written.
    :keyword workers: The number of workers, each a process with one client.
    :keyword rows_per_block: The most rows of a block.
    """
    DataContext.get_current().checkpoint_config = CheckpointConfig(
        "id", f"{target}.checkpoint", delete_checkpoint_on_success=False
    )
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    limiter = RateLimiter(tokens_per_minute=TOKENS_PER_MINUTE / workers)  # each worker has its share
    client = ChatCompletionsClient(os.environ["AZURE_AI_CHAT_ENDPOINT"], credential, rate_limiter=limiter)
    rows = ray.data.read_parquet(source).repartition(target_num_rows_per_block=rows_per_block)
    classified = rows.map_batches(
        Classifier,
        fn_constructor_args=(client,),
        batch_size=None,  # the whole block
        compute=ActorPoolStrategy(size=workers),
        num_cpus=0,  # workers wait for the service, and the CPUs are for reading and writing
    )
    classified.write_parquet(target)


def main() -> None:
    """Make a file of reviews, classify it, and count the labels."""
    ray.init(log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
    here = Path.cwd()
    words = ("lovely", "broken", "fine", "late")
    reviews = [{"id": number, "text": f"The parcel was {words[number % 4]}."} for number in range(ROWS)]
    parquet.write_table(pa.Table.from_pylist(reviews), here / "reviews.parquet")
    classify_file(str(here / "reviews.parquet"), str(here / "labels"))
    rows = parquet.read_table(here / "labels").to_pylist()
    failed = sum(row["error"] is not None for row in rows)
    print(f"{len(rows)} rows, {failed} with an error, {len({row['label'] for row in rows})} labels")


if __name__ == "__main__":
    main()
