"""The programs in examples/ run on drawn photos, as users run them."""

from __future__ import annotations

import csv
import re
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.demo.dataset import DemoDataset
from tests.conftest import REPOSITORY
from tests.drawn_run import DrawnRun

EXAMPLES = REPOSITORY / "examples"
CLASSES = {"/m/0k4j": "Car", "/m/07j7r": "Tree"}
EACH = 6


@pytest.fixture(scope="module")
def photos(drawn: DemoDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a few drawn photos in one folder per class."""
    folder = tmp_path_factory.mktemp("sorted") / "photos"
    shown: dict[str, set[str]] = {}
    with drawn.labels.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["LabelName"] in CLASSES and row["Confidence"] == "1":
                shown.setdefault(row["ImageID"], set()).add(CLASSES[row["LabelName"]])
    for name in CLASSES.values():
        (folder / name).mkdir(parents=True)
        only = sorted(image_id for image_id, names in shown.items() if names == {name})
        for image_id in [image_id for image_id in only if readable(drawn, image_id)][:EACH]:
            shutil.copy(drawn.images / f"{image_id}.jpg", folder / name)
    return folder


def readable(drawn: DemoDataset, image_id: str) -> bool:
    path = drawn.images / f"{image_id}.jpg"
    return path.is_file() and path.read_bytes().endswith(b"\xff\xd9")


def run_example(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: object) -> None:
    program = str(EXAMPLES / name)
    monkeypatch.setattr(sys, "argv", [program, *map(str, arguments)])
    runpy.run_path(program, run_name="__main__")


def test_a_pipeline_classifies_its_own_photos(
    photos: Path,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_example(monkeypatch, "classify_in_a_pipeline.py", photos, tmp_path / "model")
    shown = capsys.readouterr().out
    counts = re.findall(r"\| *(Car|Tree)\| *([\d.]+)\| *(\d+)\|", shown)
    assert sum(int(count) for *_, count in counts) == 2 * EACH, shown
    assert {name for name, *_ in counts} == {"Car", "Tree"}
    assert len({prediction for _, prediction, _ in counts}) == 2, shown


def test_a_run_is_read(
    drawn_run: DrawnRun,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_example(monkeypatch, "read_a_run.py", drawn_run.folder, tmp_path / "confusion.png")
    shown = capsys.readouterr().out
    accuracy = drawn_run.trained.metrics["accuracy"]["value"]
    assert f"accuracy: {accuracy:.3f} (" in shown
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_a_first_model_from_folders_classifies_in_sql(
    photos: Path,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_example(monkeypatch, "first_model.py", photos, photos, tmp_path / "first")
    shown = capsys.readouterr().out
    assert f"report: {tmp_path}/first/report.html" in shown
    counts = re.findall(r"\|(Car|Tree) *\|NULL *\|(\d+) *\|", shown)
    assert sum(int(count) for _, count in counts) == 2 * EACH, shown
