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
from tests.shared_work import build_once


@dataclass(frozen=True)
class DrawnRun:
    """A finished run and the dataset that it was trained on."""

    folder: Path
    dataset: DemoDataset
    trained: Trained


def settings_for(dataset: DemoDataset, output: Path, **more: object) -> TrainSettings:
    """Return the settings of a short run on drawn photos, changed by ``more``."""
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
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DemoDataset:
    """Return 60 drawn photos of cars and trees with their labels; tests only read them."""
    return build_once(
        tmp_path_factory,
        "drawn-photos",
        lambda folder: draw_dataset(folder, cars=30, trees=30, seed=1),
    )


@pytest.fixture(scope="session")
def drawn_run(
    spark: SparkSession, drawn: DemoDataset, tmp_path_factory: pytest.TempPathFactory
) -> DrawnRun:
    """Return a finished run on the drawn photos; tests only read its folder."""

    def run(folder: Path) -> DrawnRun:
        return DrawnRun(folder, drawn, train(settings_for(drawn, folder), spark))

    return build_once(tmp_path_factory, "drawn", run)
