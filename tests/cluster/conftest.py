"""The clusters of these tests, and what runs on them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packing.__main__ import package
from packing.archive import Packed
from sparkles.demo.dataset import draw_dataset
from tests.cluster.drawn_bucket import KEYS, Bucket, serve_bucket
from tests.cluster.jars import SPARK_HOME
from tests.cluster.minicluster import Yarn, start_hadoop
from tests.cluster.outcome import Outcome, read_outcome
from tests.cluster.submit import QUIET, run_here, s3_settings

VARIABLES = {**KEYS, **QUIET, "SPARK_LOCAL_IP": "127.0.0.1"}  # of all containers
NODE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.11")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Packed]:
    """The wheel and both environments, for this machine as the node.

    Their pinned packages come from `make package`'s own cache: minutes once per lock.
    """
    built = package(tmp_path_factory.mktemp("dist"), NODE_PYTHON)
    return dict(zip(("wheel", "executors", "driver"), built, strict=True))


@pytest.fixture(scope="session")
def nodes(packages: dict[str, Packed], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both environments unpacked, as on a node. What they were built in is gone by now."""
    folders = {}
    for name in ("executors", "driver"):
        folders[name] = tmp_path_factory.mktemp("node") / name
        folders[name].mkdir()
        subprocess.run(["tar", "xzf", packages[name].path, "-C", folders[name]], check=True)
    return folders


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    drawn = draw_dataset(tmp_path_factory.mktemp("drawn") / "photos", cars=160, trees=160, seed=1)
    with serve_bucket(drawn) as served:
        yield served


@pytest.fixture(scope="session")
def local_outcome(bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What all clusters have to come to."""
    done = run_here(bucket.endpoint, "local", tmp_path_factory.mktemp("cache"))
    assert done.returncode == 0, done.stderr[-3000:]
    return read_outcome(bucket, "local")


@pytest.fixture(scope="module")
def yarn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yarn]:
    """HDFS, and YARN with two nodes."""
    with start_hadoop(tmp_path_factory.mktemp("hadoop") / "cluster", nodes=2) as running:
        yield running


@pytest.fixture(scope="module")
def yarn_settings(yarn: Yarn, bucket: Bucket, packages: dict[str, Packed]) -> dict[str, str]:
    """The options of ``spark-submit`` for a job on YARN."""
    # Uploaded once, each node unpacks them once and not for every job.
    driver, executors = (yarn.upload(packages[name].path) for name in ("driver", "executors"))
    return {
        "--master": "yarn",
        "--deploy-mode": "cluster",
        "--archives": f"{executors}#environment,{driver}#driver",
        "spark.pyspark.driver.python": "./driver/bin/python",
        "spark.pyspark.python": "./environment/bin/python",
        "--driver-memory": "1g",
        "--executor-memory": "640m",
        "spark.driver.memoryOverhead": "2048",
        "spark.executor.memoryOverhead": "896",
        "spark.yarn.jars": f"local:{SPARK_HOME}/jars/*",
        "spark.yarn.maxAppAttempts": "1",
        # Work begins when all executors are there, or one could do it all before others start.
        "spark.scheduler.minRegisteredResourcesRatio": "1",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "15min",
        **s3_settings(bucket.endpoint),
        "spark.sql.shuffle.partitions": "8",
        **{f"spark.yarn.appMasterEnv.{name}": value for name, value in VARIABLES.items()},
        **{f"spark.executorEnv.{name}": value for name, value in VARIABLES.items()},
    }
