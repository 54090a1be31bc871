"""Write a model as the present version saves it, with photos and its results for them.

``python -m tests.workflow.saved_models.write`` writes a folder named after the version and the
format of the network. Do this when the form of a saved model changes, and keep the older folders:
later versions must load them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

from sparkles.commands import train
from sparkles.demo.dataset import draw_dataset
from sparkles.models.network_note import NETWORK_FORMAT
from sparkles.spark.session import build_session
from sparkles.version import __version__
from tests.drawn_run import settings_for
from tests.photos import encode, picture
from tests.workflow.saved_models.results import results_of

HERE = Path(__file__).parent
# The first blocks of a narrow network with random weights: 50 kB.
NETWORK = {"model": "MobileNetV2-0.35@32", "weights": "random", "output_layer": "block_2_add"}


def write(spark: SparkSession, folder: Path) -> None:
    """Train a small model on drawn photos and write it with its results."""
    with tempfile.TemporaryDirectory() as work:
        drawn = draw_dataset(Path(work, "drawn"), cars=30, trees=30, seed=1)
        # f32 gives the same numbers on every CPU, apart from the order of additions.
        settings = settings_for(drawn, Path(work, "run"), **NETWORK, precision="f32")
        train(settings, spark)
        folder.mkdir()
        (Path(work, "run") / "model").rename(folder / "model")
    for checksum in folder.rglob(".*.crc"):
        checksum.unlink()
    (folder / "photos").mkdir()
    for seed in range(3):
        photo = encode(picture(40, 48, seed), "PNG")
        (folder / "photos" / f"{seed}.png").write_bytes(photo)
    results = json.dumps(results_of(spark, folder), indent=1)
    (folder / "results.json").write_text(results + "\n", encoding="utf-8")


if __name__ == "__main__":
    name = f"{__version__}-format-{NETWORK_FORMAT}"
    write(build_session(master="local[2]"), HERE / name)
