"""The main job on real photos and trained weights, against figures that must hold.

The photos and weights belong to others and are not part of the project; see ``tests/conftest.py``
for where they are looked for.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from pyspark.sql import SparkSession

from sparkles.commands import train
from sparkles.demo.dataset import CLASS_NAMES_NAME, LABELS_NAME
from sparkles.settings import TrainSettings

pytestmark = pytest.mark.slow  # tests/commands/test_train.py trains on drawn photos

CUT = {
    "model": "InceptionV3",
    "weights": "{data}/keras/inception_v3_2015_to_mixed8.weights.h5",
    "output_layer": "mixed8",
}
NARROW = {"model": "MobileNetV2-0.35"}


@dataclass(frozen=True)
class Case:
    """A run and the least it must reach."""

    photos: str
    classes: str
    network: dict[str, str]
    accuracy: float
    auc: float
    more: dict[str, str] = field(default_factory=dict)
    folders: bool = False  # a folder of photos per class, and no labels


CASES = {
    "cat_dog-inception": Case("cat_dog", "Cat,Dog", CUT | {"precision": "f32"}, 0.975, 0.995),
    "cat_dog-inception-int8": Case("cat_dog", "Cat,Dog", CUT | {"precision": "int8"}, 0.975, 0.995),
    "cat_dog-mobilenet": Case("cat_dog", "Cat,Dog", NARROW, 0.95, 0.99),
    "cat_dog-folders": Case("cat_dog", "Cat,Dog", NARROW, 0.95, 0.99, folders=True),
    "car_tree": Case("car_tree", "Car,Tree", NARROW, 0.99, 0.99),
    # Ridge: with 230 training photos the lasso part keeps too few of the 1,280 features.
    "open_images": Case(
        "open_images", "Apple,Drawer,Orange", NARROW, 0.93, 0.98, {"elastic_net_param": "0"}
    ),
}

PREDICT = """
import sys
from sparkles.cli import main
for name in sys.argv[2:]:
    folder = f"{sys.argv[1]}/{name}"
    words = ["--model", f"{folder}/model", "--images", f"{folder}.csv"]
    words += ["--output", f"{folder}-again"]
    assert main(["predict", "--quiet", "--master", "local[2]", *words]) == 0
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.mark.parametrize("name", CASES)
def test_figures_that_must_hold(
    spark: SparkSession, data: Path, keras_home: Path, runs: Path, name: str
) -> None:
    case = CASES[name]
    folder = data / case.photos
    given: dict[str, object] = {"output": str(runs / name), "quiet": True}
    if case.folders:
        given["images"] = str(sort_into_folders(folder, runs / f"{name}-photos"))
    else:
        given |= {
            "labels": str(folder / LABELS_NAME),
            "class_names": str(folder / CLASS_NAMES_NAME),
            "images": str(folder / "images"),
            "classes": case.classes,
        }
    network = {key: value.format(data=data) for key, value in case.network.items()}
    trained = train(TrainSettings.create(given | network | case.more), spark)
    assert trained.metrics["accuracy"]["value"] >= case.accuracy
    assert trained.metrics["roc_auc"]["value"] >= case.auc
    assert trained.ledger["images"]["rejected"] == 0


def sort_into_folders(photos: Path, folder: Path) -> Path:
    """Link each photo into the folder of its class."""
    names = dict(csv.reader((photos / CLASS_NAMES_NAME).open()))
    for row in csv.DictReader((photos / LABELS_NAME).open()):
        place = folder / names[row["LabelName"]]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{row['ImageID']}.jpg").symlink_to(photos / "images" / f"{row['ImageID']}.jpg")
    return folder


def test_folders_give_the_numbers_of_a_table(data: Path, runs: Path) -> None:
    folders, table = (
        json.loads((runs / name / "metrics.json").read_text())
        for name in ("cat_dog-folders", "cat_dog-mobilenet")
    )
    assert folders["n"] == table["n"]
    assert folders["confusion_matrix"]["counts"] == table["confusion_matrix"]["counts"]


def test_int8_is_as_accurate_as_float32(data: Path, runs: Path) -> None:
    exact, rough = (
        json.loads((runs / name / "metrics.json").read_text())["accuracy"]["value"]
        for name in ("cat_dog-inception", "cat_dog-inception-int8")
    )
    assert rough >= exact - 0.005
    network = json.loads((runs / "cat_dog-inception-int8" / "run.json").read_text())["network"]
    assert network["precisions"] == {"int8": 1000}
    assert network["int8"]["median"] >= 0.995
    assert network["int8"]["least"] >= 0.97


def test_open_images_in_the_ledger(data: Path, runs: Path) -> None:
    """Label rows without photo are counted, and the two CMYK photos are featurized."""
    folder = data / "open_images"
    rows = list(csv.DictReader((folder / LABELS_NAME).open()))
    there = {path.stem for path in (folder / "images").iterdir()}
    ledger = json.loads((runs / "open_images" / "ledger.json").read_text())
    absent = sum(row["ImageID"] not in there for row in rows)
    assert absent > 0
    assert ledger["label_rows"]["read"] == len(rows)
    assert ledger["label_rows"]["without_photo"] == absent
    named = {row["ImageID"] for row in rows}
    assert ledger["photos"]["without_label"] == len(there - named)
    modes = {path.stem: Image.open(path).mode for path in (folder / "images").iterdir()}
    assert sorted(modes.values()).count("CMYK") == 2


def test_predictions_are_the_same_in_a_fresh_process(
    spark: SparkSession, data: Path, runs: Path, tmp_path: Path
) -> None:
    """Without Keras' cache and the weights file: a saved model carries its network."""
    names = [name for name in CASES if (runs / name).is_dir()]
    assert names, "the runs above did not finish"
    expected = {}
    for name in names:
        table = spark.read.parquet(str(runs / name / "predictions"))
        some = table.where("split = 'test'").orderBy("image_id").limit(16).collect()
        expected[name] = {row.image_id: row for row in some}
        lines = [f"{row.image_id},{row.uri}" for row in some]
        (runs / f"{name}.csv").write_text("image_id,uri\n" + "\n".join(lines) + "\n")
    bare = {key: value for key, value in os.environ.items() if key != "KERAS_HOME"}
    command = [sys.executable, "-c", PREDICT, str(runs), *names]
    subprocess.run(command, check=True, env=bare | {"KERAS_HOME": str(tmp_path)})
    for name in names:
        again = spark.read.parquet(str(runs / f"{name}-again")).collect()
        assert len(again) == len(expected[name])
        for row in again:
            before = expected[name][row.image_id]
            assert row.predicted_label == before.predicted_label
            assert row.probability == pytest.approx(before.probability, abs=1e-5)
