"""Embed a file of texts on the machines of a Ray cluster, with one limit for all of them, and resume where it stopped.

    pip install . 'ray[data]'
    python samples/sample_embeddings_ray.py

AZURE_AI_EMBEDDINGS_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_EMBEDDINGS_KEY: its key.
"""

import os
from typing import Any

import ray
from azure.ai.inference import EmbeddingsClient
from azure.ai.inference.models import BulkFailure
from azure.core.credentials import AzureKeyCredential
from ray.data import ActorPoolStrategy, DataContext
from ray.data.checkpoint import CheckpointConfig
from ray_limiter import SharedLimiter

ROWS = 1000
REQUESTS_PER_MINUTE = 6000


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
                failed = isinstance(item, BulkFailure)
                vectors.append(None if isinstance(item, BulkFailure) else list(item.to_floats()))
                errors.append(str(item.error) if isinstance(item, BulkFailure) else None)
        return {**batch, "embedding": vectors, "error": errors}


def embed_file(source: str, target: str, *, workers: int = 2, blocks: int = 2, **options: Any) -> None:
    """Embed the column `text` of a Parquet file whose column `id` is unique, and write the rows to a folder.

    What a block holds is written at once. If the job is stopped, the next call with the same arguments embeds only the
    texts of the blocks that have not been written.

    :param source: The file.
    :param target: The folder. The checkpoint is beside it.
    :keyword workers: The number of workers, each a process with one client.
    :keyword blocks: Into how many blocks the file is split.
    :keyword options: Keywords of `embed_many`.
    """
    DataContext.get_current().checkpoint_config = CheckpointConfig(
        "id", f"{target}.checkpoint", delete_checkpoint_on_success=False
    )
    endpoint, key = os.environ["AZURE_AI_EMBEDDINGS_ENDPOINT"], os.environ["AZURE_AI_EMBEDDINGS_KEY"]
    limiter = SharedLimiter("embeddings", REQUESTS_PER_MINUTE)
    rows = ray.data.read_parquet(source, override_num_blocks=blocks)
    embedded = rows.map_batches(
        Embedder,
        fn_constructor_args=(endpoint, key, limiter, options),
        batch_size=None,  # the whole block
        compute=ActorPoolStrategy(size=workers),
        num_cpus=0.5,  # a worker waits for the service most of the time
    )
    embedded.write_parquet(target)


def main() -> None:
    """Make a file of texts, embed it, and count the rows."""
    ray.init(log_to_driver=False, logging_level="error")
    texts = ray.data.from_items([{"id": number, "text": f"Parcel {number}"} for number in range(ROWS)])
    texts.write_parquet("texts")
    embed_file("texts", "embeddings")
    DataContext.get_current().checkpoint_config = None
    rows = ray.data.read_parquet("embeddings").take_all()
    failed = sum(row["error"] is not None for row in rows)
    print(f"{len(rows)} rows, {failed} with an error, {len(rows[0]['embedding'])} numbers for each text")


if __name__ == "__main__":
    main()
