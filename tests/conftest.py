"""What all tests share: one Spark session, and real photos and weights where there are some."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pyspark.sql import SparkSession

from tests.demo_dataset import demo
from tests.drawn_run import drawn, drawn_run
from tests.shared_work import shared_folder

__all__ = ["demo", "drawn", "drawn_run"]  # fixtures

REPOSITORY = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPARKLES_TEST_DATA", REPOSITORY.parent / "shared" / "data"))

if DATA.is_dir():
    os.environ["KERAS_HOME"] = str(DATA / "keras")  # Keras reads it once, when it is imported

# No example fails because the machine is busy with something else.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

# Tests run many short jobs. On two cores, the JVM's optimizing compiler and its parallel garbage
# collector would take as much processor time as the jobs themselves, and checking the bytecode of
# Spark's ten thousand classes five seconds of each JVM. This holds for every JVM that tests start.
QUICK_JVM = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
os.environ.setdefault("SPARK_SUBMIT_OPTS", QUICK_JVM)
os.environ.setdefault("SPARK_LAUNCHER_OPTS", QUICK_JVM)


# For tables of a few rows Spark spends most of its time on planning: on Java code for each query,
# and on a job for each stage that might be planned again. Without both, a training run takes 98
# jobs instead of 140, and a quarter less processor time. Processes that tests start have Spark's
# defaults.
QUICK_SPARK = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}

# Containers often turn bytecode files off. Each process that tests start, Spark's workers included,
# would then compile TensorFlow, pandas and whatever else it imports: up to eight seconds each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# A shell starts what runs in its background with Ctrl-C ignored, and children inherit that. Tests
# that send it to processes they start would wait forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The files that take longest, first: begun last, one would keep a single process busy long after
# the other has finished. The second does not need the run on drawn photos, for which the other
# process would have to wait.
LONGEST = [
    # make test-slow
    "notebooks/test_running.py",
    "commands/test_real_photos.py",
    "commands/test_explained_animals.py",
    # make test
    "commands/test_train.py",
    "models/test_parity.py",
    "commands/test_commands.py",
    "commands/test_s3_job.py",
    "ml/test_featurizer.py",
    "commands/test_report.py",
    "commands/test_explain.py",
    "models/test_fidelity.py",
    "explanation/test_photo_maps.py",
    "ml/test_saved_stages.py",
    "commands/test_explore.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""

    def place(item: pytest.Item) -> int:
        name = item.path.as_posix().rpartition("/tests/")[2]
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def network_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the cache of converted networks that all processes of a run share; it begins empty."""
    folder = shared_folder(tmp_path_factory) / "cache"
    os.environ["SPARKLES_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start one Spark session for all tests of a process."""
    from sparkles.spark.session import build_session

    # A second attempt shows what further ones would do.
    session = build_session("sparkles-tests", master="local[2,2]", conf=QUICK_SPARK)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of real photos and trained weights; without it, skip the test."""
    if not DATA.is_dir():
        pytest.skip(f"no real photos and weights at {DATA}; set SPARKLES_TEST_DATA")
    return DATA


@pytest.fixture(scope="session")
def keras_home(data: Path) -> Path:
    """Return Keras' cache with MobileNetV2's ImageNet weights, for this process and its children.

    The variable itself is set when this file is imported.
    """
    return data / "keras"
