"""Breakdown: milliseconds per photo for each step of the pass, on one core.

python -m benchmarks.breakdown
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import hardware, precisions
from benchmarks.networks import network_file
from benchmarks.photos import many_photos
from sparkles.choices import EngineName, Precision
from sparkles.imaging import decode_image, resize_image
from sparkles.models.engines import load_engine
from sparkles.spark.session import build_session

_SIDE, _LENGTH, _BATCH = 299, 2048, 16


def main() -> None:
    """Measure each step separately, over the same photos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=128)
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks"))
    given = parser.parse_args()
    steps: dict[str, float] = {}
    startup: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="sparkles-breakdown-") as work:
        folder = Path(work) / "photos"
        photos = many_photos(folder, given.photos)
        contents = _measure(steps, "fetch (local disk)", photos, Path.read_bytes)
        size = (_SIDE, _SIDE)
        images = _measure(steps, "decode", contents, lambda one: decode_image(one, at_least=size))
        pixels = _measure(steps, "resize", images, lambda one: resize_image(one, *size))
        batches = [pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH)]
        for precision in precisions():
            path = network_file(folder, precision)
            engine = load_engine(EngineName.OPENVINO, path, 1, Precision(precision))
            engine.features(np.stack(batches[0]))
            _infer(steps, f"infer, {precision}", batches, engine)
            startup[precision] = _startup(path, precision)
    steps["Arrow, JVM and Parquet"] = _spark(200 * _BATCH)
    given.output.mkdir(parents=True, exist_ok=True)
    content = {"hardware": hardware(), "milliseconds a photo": steps, "startup, s": startup}
    (given.output / "breakdown.json").write_text(json.dumps(content, indent=1))
    _draw(steps, given.output / "breakdown.png")
    lines = [f"| {name} | {value:.2f} |" for name, value in steps.items()]
    lines += ["", "Start-up of a worker in seconds:"]
    for precision, parts in startup.items():
        lines.append(f"- {precision}: " + ", ".join(f"{k} {v:.2f}" for k, v in parts.items()))
    print("\n".join([hardware(), "| step | ms per photo |", "|---|---|", *lines]))  # noqa: T201


_STARTUP = """
import sys, time
start = time.perf_counter()
import pandas, pyarrow  # every pandas UDF needs these
own = time.perf_counter()
import sparkles.worker.featurize, openvino
imported = time.perf_counter()
from pathlib import Path
from sparkles.choices import EngineName, Precision
from sparkles.models.engines import load_engine
load_engine(EngineName.OPENVINO, Path(sys.argv[1]), 1, Precision(sys.argv[2]))
print(own - start, imported - own, time.perf_counter() - imported)
"""


def _startup(path: Path, precision: str) -> dict[str, float]:
    """Measure the seconds from a fresh process to a ready network, which each worker needs once."""
    command = [sys.executable, "-c", _STARTUP, str(path), precision]
    subprocess.run(command, check=True, capture_output=True)  # fills the disk's cache
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = ("import pandas and pyarrow", "import sparkles and openvino", "load and compile")
    return dict(zip(names, map(float, printed.split()), strict=True))


def _measure(
    steps: dict[str, float], name: str, items: list[Any], step: Callable[[Any], Any]
) -> list[Any]:
    step(items[0])
    start = time.perf_counter()
    results = [step(item) for item in items]
    steps[name] = (time.perf_counter() - start) / len(items) * 1e3
    return results


def _infer(steps: dict[str, float], name: str, batches: list[Any], engine: Any) -> None:
    start = time.perf_counter()
    for batch in batches:
        engine.features(np.stack(batch))
    steps[name] = (time.perf_counter() - start) / sum(map(len, batches)) * 1e3


def _spark(rows: int) -> float:
    """Measure Spark's own part, with a UDF that does no work."""
    from pyspark.ml.functions import array_to_vector, vector_to_array
    from pyspark.sql import functions as F
    from pyspark.sql.functions import pandas_udf
    from pyspark.sql.types import ArrayType, FloatType

    def ready(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        vector = np.random.default_rng(0).random(_LENGTH, dtype=np.float32)
        for batch in batches:
            for start in range(0, len(batch), _BATCH):
                size = min(_BATCH, len(batch) - start)
                yield pd.Series([vector] * size, dtype=object)

    ready.__annotations__ = {"batches": Iterator[pd.Series], "return": Iterator[pd.Series]}
    make: Any = pandas_udf
    udf = make(ready, ArrayType(FloatType())).asNondeterministic()
    spark = build_session(master="local[1]")
    uris = spark.range(rows, numPartitions=2).select(F.col("id").cast("string").alias("uri"))
    vectors = uris.select("uri", array_to_vector(udf("uri")).alias("v"))
    stored = vectors.select("uri", vector_to_array("v", "float32").alias("features"))
    with TemporaryDirectory(prefix="sparkles-breakdown-") as work:
        for run in ("warm", "measured"):  # the first run warms up the JVM's compiler
            start = time.perf_counter()
            stored.write.parquet(f"{work}/{run}")
        seconds = time.perf_counter() - start
    spark.stop()
    return seconds / rows * 1e3


def _draw(steps: dict[str, float], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    names, values = list(steps), list(steps.values())
    bars = axes.barh(names[::-1], values[::-1], color="#4c72b0")
    axes.bar_label(bars, fmt=" %.1f", fontsize="small")
    axes.set_xlabel("milliseconds per photo, on one core")
    axes.margins(x=0.1)
    axes.set_title("InceptionV3, photos of 1,024 pixels: time per step")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
