"""Workers run the network although neither Keras nor TensorFlow can be imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from sparkles.models import NetworkSettings
from sparkles.models.network import build_network
from tests.drawn_run import DrawnRun
from tests.photos import encode, picture, pixels

BLOCK = 'raise ImportError("blocked in workers")\n'

JOB = """
import json, sys
from sparkles.ml import DeepImageFeaturizer
from sparkles import register_udf
from sparkles.spark.session import build_session

blocked, photos, run = sys.argv[1:]
spark = build_session(
    master="local[2]",
    conf={"spark.executorEnv.PYTHONPATH": blocked, "spark.ui.enabled": "false"},
)

def importable(_):
    found = []
    for name in ("keras", "tensorflow", "openvino"):
        try:
            __import__(name)
            found.append(name)
        except ImportError as error:
            assert "blocked in workers" in str(error), error
    yield found

print(json.dumps(spark.sparkContext.parallelize([0], 1).mapPartitions(importable).collect()))
featurizer = DeepImageFeaturizer(
    inputCol="uri", outputCol="features", modelName="MobileNetV2-0.35@32", weights="random",
    precision="f32", precisionCol="precision",
)
uris = spark.createDataFrame([(p,) for p in json.loads(photos)], ["uri"])
rows = featurizer.transform(uris)
print(json.dumps([[r.features.toArray().tolist(), r.precision] for r in rows.collect()]))
register_udf(spark, "classify", run)
uris.createOrReplaceTempView("photos")
served = spark.sql("SELECT classify(uri).predicted_label, classify(uri).error FROM photos")
print(json.dumps([list(r) for r in served.collect()]))
"""


def test_workers_need_neither_keras_nor_tensorflow(tmp_path: Path, drawn_run: DrawnRun) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    for name in ("keras", "tensorflow"):
        (blocked / f"{name}.py").write_text(BLOCK)
    photos = []
    for seed in range(5):
        photos.append(str(tmp_path / f"{seed}.png"))
        Path(photos[-1]).write_bytes(encode(picture(32, 32, seed), "PNG"))
    done = subprocess.run(
        [sys.executable, "-c", JOB, str(blocked), json.dumps(photos), str(drawn_run.folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    found, rows, served = map(json.loads, done.stdout.strip().splitlines()[-3:])
    assert found == [["openvino"]]
    network = build_network(NetworkSettings("MobileNetV2-0.35@32", weights="random"))
    expected = np.asarray(network(np.stack([pixels(32, 32, seed) for seed in range(5)])))
    np.testing.assert_array_almost_equal([row[0] for row in rows], expected, decimal=4)
    assert {row[1] for row in rows} == {"f32"}
    assert {label for label, _ in served} <= {"Car", "Tree"}
    assert [error for _, error in served] == [None] * 5
