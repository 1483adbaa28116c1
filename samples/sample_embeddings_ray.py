"""Embed a file of texts on the machines of a Ray cluster, with one limit for all of them, and resume where it stopped.

    pip install '.[ray]'
    python samples/sample_embeddings_ray.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
from azure.ai.inference import EmbeddingsClient
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import BulkFailure
from azure.core.credentials import AzureKeyCredential
from pyarrow import parquet
from ray.data import ActorPoolStrategy, DataContext
from ray.data.checkpoint import CheckpointConfig

ROWS = 1000
REQUESTS_PER_MINUTE = 6000


class LimiterActor:
    """Holds the limiter. Its methods are async: an actor runs many of them at once."""

    def __init__(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self._limiter = RateLimiter(requests_per_minute, tokens_per_minute)

    async def acquire(self, tokens: int) -> None:
        """Wait until a request may be sent. Requests in flight are not counted: a lost worker would keep its place."""
        await self._limiter.acquire_async(tokens)
        self._limiter.release()

    async def adjust(self, headers: Mapping[str, str], retry_after: float | None) -> None:
        """Correct the limits by an answer."""
        self._limiter.adjust(headers, retry_after=retry_after)


class SharedLimiter:
    """Give it to a client as `rate_limiter`: it has the methods of RateLimiter that a sync client calls.

    :param name: The name of the actor, which is made if there is none.
    :param requests_per_minute: The most requests of all workers in a minute.
    :param tokens_per_minute: The most tokens of all workers in a minute.
    """

    def __init__(
        self, name: str, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        options = {"name": name, "get_if_exists": True, "num_cpus": 0, "max_concurrency": 1000}
        make: Any = ray.remote(LimiterActor)
        self._actor: Any = make.options(**options).remote(requests_per_minute, tokens_per_minute)

    def acquire(self, tokens: int = 0, *, timeout: float | None = None) -> None:
        """Wait until a request may be sent."""
        ray.get(self._actor.acquire.remote(tokens), timeout=timeout)

    def release(self) -> None:
        """Do nothing: the actor does not count the requests in flight."""

    def adjust(self, headers: Mapping[str, str], *, retry_after: float | None = None) -> None:
        """Tell the actor what an answer says of the limits."""
        self._actor.adjust.remote(headers, retry_after)


class Embedder:
    """Embeds batches of rows. Ray makes one for each worker, and makes it again if the worker is lost.

    :param endpoint: The URL of the endpoint.
    :param key: Its key.
    :param limiter: The limiter that all workers share.
    :param options: Keywords of `embed_many`.
    """

    def __init__(self, endpoint: str, key: str, limiter: SharedLimiter, options: dict[str, Any]) -> None:
        self._client = EmbeddingsClient(endpoint, AzureKeyCredential(key), rate_limiter=limiter)
        self._options = options

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Add the columns `embedding` and `error`: a text that fails costs its row, not the job."""
        vectors: list[list[float] | None] = []
        errors: list[str | None] = []
        with self._client.embed_many(batch["text"].tolist(), on_error="yield", **self._options) as items:
            for item in items:
                if isinstance(item, BulkFailure):
                    vectors.append(None)
                    errors.append(str(item.error))
                else:
                    vectors.append(list(item.to_floats()))
                    errors.append(None)
        return {**batch, "embedding": vectors, "error": errors}


def embed_file(source: str, target: str, *, workers: int = 2, rows_per_block: int = 500, **options: Any) -> None:
    """Embed the column `text` of a Parquet file whose column `id` is unique, and write the rows to a folder.

    What a block holds is written at once. If the job is stopped, the next call with the same arguments embeds only the
    texts of the blocks that have not been written.

    :param source: The absolute path or the URL of the file or folder.
    :param target: The same of the folder to write. The checkpoint is beside it.
    :keyword workers: The number of workers, each a process with one client.
    :keyword rows_per_block: The most rows of a block.
    :keyword options: Keywords of `embed_many`.
    """
    DataContext.get_current().checkpoint_config = CheckpointConfig(
        "id", f"{target}.checkpoint", delete_checkpoint_on_success=False
    )
    endpoint, key = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"], os.environ["AZURE_AI_EMBEDDINGS_KEY"]
    limiter = SharedLimiter("embeddings", REQUESTS_PER_MINUTE)
    rows = ray.data.read_parquet(source).repartition(target_num_rows_per_block=rows_per_block)
    embedded = rows.map_batches(
        Embedder,
        fn_constructor_args=(endpoint, key, limiter, options),
        batch_size=None,  # the whole block
        compute=ActorPoolStrategy(size=workers),
        num_cpus=0,  # workers wait for the service, and the CPUs are for reading and writing
    )
    embedded.write_parquet(target)


def main() -> None:
    """Make a file of texts, embed it, and count the rows."""
    ray.init(log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
    here = Path.cwd()
    texts = [{"id": number, "text": f"Parcel {number}"} for number in range(ROWS)]
    parquet.write_table(pa.Table.from_pylist(texts), here / "texts.parquet")
    embed_file(str(here / "texts.parquet"), str(here / "embeddings"))
    rows = parquet.read_table(here / "embeddings").to_pylist()
    failed = sum(row["error"] is not None for row in rows)
    print(f"{len(rows)} rows, {failed} with an error, {len(rows[0]['embedding'])} numbers for each text")


if __name__ == "__main__":
    main()
