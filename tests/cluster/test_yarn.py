"""The job on YARN, with the packed environments: on two nodes, with one lost half-way, on one.

One cluster for all, because unpacking the environments is what takes longest. A node that is lost
stays lost, so the fixtures ask for each other in that order.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from tests.cluster.drawn_bucket import Bucket
from tests.cluster.minicluster import Yarn
from tests.cluster.outcome import Outcome, check_same, read_outcome
from tests.cluster.processes import end
from tests.cluster.submit import Submitted, start_submit, train_arguments

pytestmark = pytest.mark.timeout(1800)

MASTER = "_000001"  # how the container of an application's master and driver ends


@dataclass(frozen=True)
class Finished:
    """A run that came to its end, and what was seen while half of the photos waited.

    Attributes
    ----------
    outcome
        What is in the bucket.
    application
        YARN's id.
    containers
        By node, at half-time.
    pythons
        What ran on the nodes: ``driver`` or ``worker``, and its interpreter.
    """

    outcome: Outcome
    application: str
    containers: list[list[str]]
    pythons: set[tuple[str, str]]


def start(yarn: Yarn, settings: dict[str, str], executors: int, output: str) -> Submitted:
    settings = {**settings, "--num-executors": str(executors)}
    return start_submit(
        yarn, output, settings, ["jobs/sparkles_job.py", "train", *train_arguments(output)]
    )


def finish(
    submitted: Submitted, yarn: Yarn, bucket: Bucket, output: str, *, lose_a_node: bool = False
) -> Finished:
    """Wait for a job whose photos wait half-way until we have looked, or taken a node away."""
    try:
        assert bucket.gate.reached.wait(900), submitted.explain()
        containers = [yarn.containers(node) for node in yarn.nodes]
        if lose_a_node:
            wait_for_features(bucket, output)
            (other,) = [n for n in yarn.nodes if not any(c.endswith(MASTER) for c in containers[n])]
            yarn.stop_node(other)
        bucket.gate.open()
        status, pythons = submitted.watch()
    finally:
        bucket.gate.open()
        end(submitted.process)
    assert status == 0, submitted.explain()
    return Finished(read_outcome(bucket, output), submitted.application(), containers, pythons)


def wait_for_features(bucket: Bucket, output: str) -> None:
    """Wait until a task has written its photos' features, of a job that waits for more photos."""
    until = time.monotonic() + 120
    while not any(
        "/_work/features/" in key and key.endswith(".parquet") and "/task_" in key
        for key in bucket.keys(f"{output}/")
    ):
        assert time.monotonic() < until, bucket.keys(f"{output}/")
        time.sleep(0.5)


@pytest.fixture(scope="module")
def half(local_outcome: Outcome) -> int:
    return int(local_outcome.ledger["images"]["featurized"]) // 2


@pytest.fixture(scope="module")
def two_nodes(yarn: Yarn, yarn_settings: dict[str, str], bucket: Bucket, half: int) -> Finished:
    # Three executors, of which the master's node takes two at most: both nodes work.
    bucket.gate.close_after(half)
    return finish(start(yarn, yarn_settings, 3, "two"), yarn, bucket, "two")


@pytest.fixture(scope="module")
def a_node_lost(
    two_nodes: Finished, yarn: Yarn, yarn_settings: dict[str, str], bucket: Bucket, half: int
) -> Finished:
    # Two executors, each too large to have both beside the master: at half-time their first tasks,
    # of some 50 photos each, are done, and the second ones are not.
    large = {**yarn_settings, "spark.executor.memoryOverhead": "2432"}
    bucket.gate.close_after(half)
    submitted = start(yarn, large, 2, "lost")
    return finish(submitted, yarn, bucket, "lost", lose_a_node=True)


@pytest.fixture(scope="module")
def one_node(
    a_node_lost: Finished, yarn: Yarn, yarn_settings: dict[str, str], bucket: Bucket, half: int
) -> Finished:
    # The other way to name the interpreters: by variables of the driver's container.
    named = {name: value for name, value in yarn_settings.items() if "pyspark" not in name}
    for name, python in {"DRIVER_PYTHON": "driver", "PYTHON": "environment"}.items():
        named[f"spark.yarn.appMasterEnv.PYSPARK_{name}"] = f"./{python}/bin/python"
    bucket.gate.close_after(half)
    return finish(start(yarn, named, 1, "one"), yarn, bucket, "one")


def test_two_nodes_come_to_the_same(
    two_nodes: Finished, yarn: Yarn, local_outcome: Outcome
) -> None:
    logs = yarn.logs(two_nodes.application)
    at_work = {name for name, log in logs.items() if "Finished task" in log}
    assert all(at_work & set(node) for node in two_nodes.containers)
    check_same(two_nodes.outcome, local_outcome)


PYTHONS = {("worker", "./environment/bin/python"), ("driver", "./driver/bin/python")}


def test_workers_run_the_small_environment_and_the_driver_the_large(two_nodes: Finished) -> None:
    assert two_nodes.pythons == PYTHONS


def test_the_model_loads_elsewhere_and_predicts(
    two_nodes: Finished, bucket: Bucket, spark: SparkSession, tmp_path: Path
) -> None:
    for name, content in bucket.files("two/model/").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    model = PipelineModel.load(str(tmp_path))
    every = two_nodes.outcome.predictions.items()
    expected = dict(sorted((image, label) for (image, _), (_, label, _) in every)[:20])
    photos = bucket.files("photos/")
    rows = [(image, bytearray(photos[f"{image}.jpg"])) for image in expected]
    predicted = model.transform(spark.createDataFrame(rows, "id string, image binary"))
    names = next(stage.labels for stage in model.stages if hasattr(stage, "labels"))
    assert {row["id"]: names[int(row["prediction"])] for row in predicted.collect()} == expected
    assert set(expected.values()) == {"Car", "Tree"}


def test_an_unknown_bucket_is_one_clear_line(
    two_nodes: Finished, yarn: Yarn, yarn_settings: dict[str, str]
) -> None:
    settings = {**yarn_settings, "--num-executors": "1"}
    job = [
        "jobs/sparkles_job.py",
        "train",
        *train_arguments("unknown", "s3://no-such-bucket/photos"),
    ]
    submitted = start_submit(yarn, "unknown", settings, job)
    assert submitted.wait() != 0
    application = submitted.application()
    # Spark puts both streams of a driver in Python into its container's standard output.
    printed = "\n".join(yarn.logs(application, "stdout").values())
    (line,) = [line for line in printed.splitlines() if line.startswith("sparkles: error")]
    assert "NoSuchBucket; check the bucket's name" in line
    assert "Traceback" not in printed
    assert yarn.final_status(application) == "FAILED"


def test_a_node_lost_half_way_changes_nothing(
    a_node_lost: Finished, yarn: Yarn, local_outcome: Outcome
) -> None:
    """Half of the photos were read when it happened; the rest waited until it had happened."""
    (lost,) = [node for node in a_node_lost.containers if not any(c.endswith(MASTER) for c in node)]
    assert lost, "executors were on the node that was stopped"
    logs = yarn.logs(a_node_lost.application)
    (driver,) = [log for name, log in logs.items() if name.endswith(MASTER)]
    assert "Lost executor" in driver
    assert yarn.count_nodes() == (1, 1)
    check_same(a_node_lost.outcome, local_outcome)


def test_one_node_comes_to_the_same(one_node: Finished, yarn: Yarn, local_outcome: Outcome) -> None:
    assert yarn.count_nodes() == (1, 1)
    check_same(one_node.outcome, local_outcome)
    assert one_node.pythons == PYTHONS
