"""Embed a Parquet file with the sample, be stopped by Ctrl-C, and go on: `ray_job.py FOLDER`. For `test_ray.py`."""

import os
import sys

import ray
import sample_embeddings_ray

BLOCKS = 20

if __name__ == "__main__":
    folder = sys.argv[1]
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20, log_to_driver=False)
    for job in ("first", "second"):
        try:
            sample_embeddings_ray.embed_file(
                os.path.join(folder, "texts.parquet"), os.path.join(folder, "embeddings"), blocks=BLOCKS, batch_size=100
            )
        except KeyboardInterrupt:
            pass
        sys.stdout.write(f"{job}\n")
        sys.stdout.flush()
