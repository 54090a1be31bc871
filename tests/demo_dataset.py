"""The drawn dataset for tests that look at photos and labels. Drawing takes seconds."""

from __future__ import annotations

import pytest

from sparkles.demo.dataset import DemoDataset, draw_dataset
from tests.shared_work import build_once

CARS, TREES, SEED = 60, 60, 5


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoDataset:
    """Return 120 drawn photos of cars and trees with their labels; tests only read them."""
    return build_once(
        tmp_path_factory,
        "demo",
        lambda folder: draw_dataset(folder, cars=CARS, trees=TREES, seed=SEED),
    )
