"""The bare limit: one process without Spark, with decoding threads and OpenVINO's async queue."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openvino

from benchmarks.contenders.arguments import SIDE, answer, parse
from benchmarks.networks import network_file
from sparkles.imaging import read_pixels

_BATCH = 16


def main() -> None:
    """Featurize a folder."""
    given = parse()
    options = {
        "INFERENCE_PRECISION_HINT": "f32" if given.precision == "int8" else given.precision,
        "NUM_STREAMS": given.cores,
        "INFERENCE_NUM_THREADS": given.cores,
    }
    path = network_file(given.folder, given.precision)
    network = openvino.Core().compile_model(str(path), "CPU", options)
    finished: list[float] = []
    features: list[np.ndarray] = []

    def done(request: openvino.InferRequest, size: int) -> None:
        features.append(request.get_output_tensor(0).data.copy())
        finished.extend([time.time()] * size)

    queue = openvino.AsyncInferQueue(network, given.cores + 1)
    queue.set_callback(done)
    photos = sorted(given.folder.glob("*.jpg"))
    batches = [photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH)]
    with ThreadPoolExecutor(given.cores) as threads:
        loaded = [threads.submit(_load, batch) for batch in batches[:4]]
        for number, batch in enumerate(batches):
            pixels = loaded[number].result()
            loaded[number] = None
            if number + 4 < len(batches):
                loaded.append(threads.submit(_load, batches[number + 4]))
            queue.start_async([pixels], len(batch))
        queue.wait_all()
    answer(finished)


def _load(batch: list[Path]) -> np.ndarray:
    return np.stack([read_pixels(photo.read_bytes(), SIDE, SIDE) for photo in batch])


if __name__ == "__main__":
    main()
