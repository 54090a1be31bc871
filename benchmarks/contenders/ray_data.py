"""Ray Data with Keras: ``read_binary_files`` and ``map_batches`` with a class, as in its guide."""

from __future__ import annotations

import io
import os
import time

import numpy as np
from PIL import Image

from benchmarks.contenders.arguments import SIDE, answer, keras_inception, parse


class Featurize:
    """An actor that loads the model once."""

    def __init__(self) -> None:
        self.model = keras_inception()

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Decode and predict a batch."""
        import keras

        images = [Image.open(io.BytesIO(one)).convert("RGB") for one in batch["bytes"]]
        pixels = [np.asarray(one.resize((SIDE, SIDE)), dtype=np.float32) for one in images]
        inputs = keras.applications.inception_v3.preprocess_input(np.stack(pixels))
        features = self.model.predict(inputs, verbose=0)
        return {"features": features, "finished": np.full(len(features), time.time())}


def main() -> None:
    """Featurize a folder."""
    import ray

    given = parse()
    os.environ["RAY_DEDUP_LOGS"] = "0"
    ray.init(num_cpus=given.cores, include_dashboard=False, log_to_driver=False)
    photos = [str(path.resolve()) for path in sorted(given.folder.glob("*.jpg"))]
    done = ray.data.read_binary_files(photos).map_batches(
        Featurize, batch_size=16, concurrency=given.cores, num_cpus=0.5
    )
    answer(float(row["finished"]) for row in done.iter_rows())


if __name__ == "__main__":
    main()
