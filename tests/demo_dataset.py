"""One drawn dataset for all tests, because drawing takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkles.demo.dataset import DemoDataset, draw_dataset

CARS, TREES, SEED = 60, 60, 5


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoDataset:
    folder: Path = tmp_path_factory.mktemp("drawn") / "demo"
    return draw_dataset(folder, cars=CARS, trees=TREES, seed=SEED)
