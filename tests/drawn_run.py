"""One training run on drawn photos, which many tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.commands import train
from sparkles.commands.train import Trained
from sparkles.demo.dataset import DemoDataset, draw_dataset
from sparkles.settings import TrainSettings


@dataclass(frozen=True)
class DrawnRun:
    """A finished run, and what it was made from."""

    folder: Path
    dataset: DemoDataset
    trained: Trained


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DemoDataset:
    return draw_dataset(tmp_path_factory.mktemp("drawn") / "photos", cars=30, trees=30, seed=1)


def settings_for(dataset: DemoDataset, output: Path, **more: object) -> TrainSettings:
    given = {
        "labels": str(dataset.labels),
        "class_names": str(dataset.class_names),
        "images": str(dataset.images),
        "classes": "Car,Tree",
        "model": "SparklesDemo",
        "output": str(output),
        "quiet": True,
    }
    return TrainSettings.create({**given, **more})


@pytest.fixture(scope="session")
def drawn_run(
    spark: SparkSession, drawn: DemoDataset, tmp_path_factory: pytest.TempPathFactory
) -> DrawnRun:
    folder = tmp_path_factory.mktemp("runs") / "drawn"
    return DrawnRun(folder, drawn, train(settings_for(drawn, folder), spark))
