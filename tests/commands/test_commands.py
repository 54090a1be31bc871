"""The commands as users start them: spark-submit with a config file, then a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession

from sparkles.demo.dataset import DemoDataset
from tests.conftest import REPOSITORY
from tests.drawn_run import DrawnRun

BIN = Path(sys.executable).parent


def test_spark_submit_and_a_fresh_predict(
    spark: SparkSession, drawn: DemoDataset, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    config = tmp_path / "train.yaml"
    settings = {
        "labels": str(drawn.labels),
        "class-names": str(drawn.class_names),
        "images": str(drawn.images),
        "classes": ["Car", "Tree"],
        "model": "SparklesDemo",
        "output": str(tmp_path / "run"),
    }
    config.write_text(yaml.safe_dump(settings))
    unset = {name: value for name, value in os.environ.items() if name != "PYSPARK_PYTHON"}
    environment = unset | {"PYSPARK_DRIVER_PYTHON": sys.executable}
    submit = [str(BIN / "spark-submit"), "--master", "local[2]"]
    answer = subprocess.run(
        [*submit, "jobs/sparkles_job.py", "train", "--config", str(config)],
        cwd=REPOSITORY,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    # spark-submit hands the job's stderr on as its own stdout.
    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    assert "[3/7] featurize" in answer.stdout
    assert "photos/s" in answer.stdout
    images = str(drawn.images)
    words = ["--model", f"{tmp_path}/run/model", "--images", images, "--output", f"{tmp_path}/out"]
    answer = subprocess.run(
        [str(BIN / "sparkles"), "predict", *words],
        check=False,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    again = {row.image_id: row for row in spark.read.parquet(f"{tmp_path}/out").collect()}
    for row in spark.read.parquet(str(drawn_run.folder / "predictions")).collect():
        assert again[row.image_id].predicted_label == row.predicted_label
        assert again[row.image_id].probability == pytest.approx(row.probability, abs=1e-5)
