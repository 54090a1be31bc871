"""Spark's report of a dead worker becomes a likely cause, the photos in flight and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark import SparkContext, SparkFiles

from sparkles.workflow.dead_worker import describe_dead_worker

CRASHED = RuntimeError(
    "Job aborted due to stage failure: Task 0 in stage 5.0 failed 4 times, most recent failure: "
    "Lost task 0.3 in stage 5.0: org.apache.spark.SparkException: Python worker exited "
    "unexpectedly (crashed)"
)
RESET = RuntimeError(
    "java.net.SocketException: Connection reset\n"
    "\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.read(PythonRunner.scala)"
)


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"photo file:/photos/{number:02}.jpg" for number in range(10)]
    slots = [name.encode().ljust(512, b"\0") for name in ["", *names]]
    (tmp_path / "sparkles-in-flight-999999999").write_bytes(b"".join(slots))
    monkeypatch.setattr(SparkContext, "_active_spark_context", object())
    monkeypatch.setattr(SparkFiles, "getRootDirectory", lambda: str(tmp_path))


@pytest.mark.parametrize("error", [CRASHED, RESET])
@pytest.mark.usefixtures("dead")
def test_a_dead_worker_is_reported_with_some_photos_and_the_remedy(error: Exception) -> None:
    told = describe_dead_worker(error)
    assert told is not None
    assert told.startswith(
        "a Python worker was killed, perhaps out of memory while it decoded "
        "photo file:/photos/00.jpg, photo file:/photos/01.jpg"
    )
    assert "07.jpg; give each worker more memory" in told
    assert "08.jpg" not in told


def test_without_a_journal_the_cause_and_the_remedy_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SparkContext, "_active_spark_context", None)
    told = describe_dead_worker(CRASHED)
    assert told is not None
    assert told.startswith("a Python worker was killed, perhaps out of memory; give each worker")


@pytest.mark.parametrize(
    "text",
    ["java.io.EOFException at GZIPInputStream.java", "ValueError at PythonRunner.scala:573"],
)
def test_other_failures_are_not_taken_for_it(text: str) -> None:
    assert describe_dead_worker(RuntimeError(text)) is None
