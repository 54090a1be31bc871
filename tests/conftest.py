"""What all tests share: one Spark session, and the photos and weights that may be at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.demo_dataset import demo
from tests.drawn_run import drawn, drawn_run

__all__ = ["demo", "drawn", "drawn_run"]  # fixtures

REPOSITORY = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPARKLES_TEST_DATA", REPOSITORY.parent / "shared" / "data"))

if DATA.is_dir():
    os.environ["KERAS_HOME"] = str(DATA / "keras")  # Keras reads it once, when it is imported


# They take minutes: begun last, one would keep a single process busy long after the others.
LONGEST = [
    "notebooks/test_running.py",
    "commands/test_explained_animals.py",
    "commands/test_real_photos.py",
    "models/test_parity.py",
    "commands/test_commands.py",
    "commands/test_train.py",
    "models/test_fidelity.py",
    "commands/test_s3_job.py",
    "commands/test_report.py",
    "commands/test_explain.py",
    "ml/test_featurizer.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""

    def place(item: pytest.Item) -> int:
        name = item.path.as_posix().rpartition("/tests/")[2]
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def network_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of converted networks for all test processes of a run, empty at its start."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    os.environ["SPARKLES_CACHE"] = str(folder / "cache")
    return folder / "cache"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One session for all tests; starting one takes seconds."""
    from sparkles.spark.session import build_session

    session = build_session(
        "sparkles-tests",
        master="local[2]",
        conf={"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"},
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def data() -> Path:
    """Real photos and trained weights; tests that need them are skipped where they are absent."""
    if not DATA.is_dir():
        pytest.skip(f"no real photos and weights at {DATA}; set SPARKLES_TEST_DATA")
    return DATA


@pytest.fixture(scope="session")
def keras_home(data: Path) -> Path:
    """Keras' cache with MobileNetV2's ImageNet weights, for this process and its children."""
    return data / "keras"
