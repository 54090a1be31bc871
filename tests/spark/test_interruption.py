"""An interrupt, as a notebook sends it, cancels the jobs and leaves the session usable."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.spark.filesystem import FileSystem
from sparkles.spark.interruption import cancelled_if_interrupted
from sparkles.spark.output_folder import new_folder


@pytest.fixture
def handler() -> Iterator[Any]:
    """Handle SIGINT as a process in the foreground does; the workers of xdist ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_run_leaves_nothing_and_the_session_works(
    spark: SparkSession, tmp_path: Path, capfd: pytest.CaptureFixture[str], handler: Any
) -> None:
    started, files = tmp_path / "started", FileSystem(spark)

    def wait_for_ever(rows: Any) -> Any:
        started.touch()
        threading.Event().wait()
        yield from rows

    def interrupt() -> None:
        while not started.exists():
            time.sleep(0.05)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    capfd.readouterr()
    with (
        pytest.raises(KeyboardInterrupt),
        new_folder(files, str(tmp_path / "out"), overwrite=False) as folder,
        cancelled_if_interrupted(spark),
    ):
        spark.range(4).mapInPandas(wait_for_ever, "id long").write.parquet(f"{folder}/table")
    thread.join()
    shown = capfd.readouterr()
    assert "Traceback" not in shown.err + shown.out
    assert "ERROR" not in shown.err + shown.out
    assert [path.name for path in tmp_path.iterdir()] == ["started"]
    assert signal.getsignal(signal.SIGINT) == handler
    assert not list(spark.sparkContext.statusTracker().getActiveJobsIds())
    assert spark.range(5).count() == 5
