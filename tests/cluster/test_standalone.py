"""The job on a standalone cluster of two workers, with the packed environments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from packing.archive import Packed
from tests.cluster.drawn_bucket import KEYS, Bucket
from tests.cluster.outcome import Outcome, check_same, read_outcome
from tests.cluster.standalone import Standalone, start_standalone
from tests.cluster.submit import s3_settings, start_submit, train_arguments

pytestmark = pytest.mark.timeout(1800)

WORKERS = 2


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    with start_standalone(tmp_path_factory.mktemp("standalone") / "cluster", WORKERS) as running:
        yield running


def test_the_same_predictions_as_local(
    cluster: Standalone,
    bucket: Bucket,
    packages: dict[str, Packed],
    nodes: dict[str, Path],
    local_outcome: Outcome,
) -> None:
    settings = {
        "--master": cluster.url,
        "--archives": f"{packages['executors'].path}#environment",
        "spark.pyspark.driver.python": str(nodes["driver"] / "bin" / "python"),
        "spark.pyspark.python": "./environment/bin/python",
        "--driver-memory": "1g",
        "--executor-memory": "640m",
        **s3_settings(bucket.endpoint),
        **{f"spark.executorEnv.{name}": value for name, value in KEYS.items()},
    }
    job = ["jobs/sparkles_job.py", "train", *train_arguments("standalone")]
    submitted = start_submit(cluster, "standalone", settings, job)
    status, pythons = submitted.watch()
    assert status == 0, submitted.explain()
    driver = ("driver", settings["spark.pyspark.driver.python"])
    assert pythons == {("worker", "./environment/bin/python"), driver}
    used = {folder.parents[1] for folder in cluster.executors()}
    assert len(used) == WORKERS, "both workers have run an executor"
    outcome = read_outcome(bucket, "standalone")
    check_same(outcome, local_outcome)
