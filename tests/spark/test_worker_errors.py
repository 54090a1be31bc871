"""What workers raise arrives on the driver as the same error, in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import (
    FeaturizationError,
    PassingError,
    PhotoError,
    PrecisionError,
    SparklesError,
    StorageError,
    SystemicError,
)
from sparkles.spark.worker_errors import raising_worker_errors


def failing(spark: SparkSession, fail: Callable[[], object]) -> DataFrame:
    def run(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        fail()
        yield from batches

    return spark.range(1).mapInPandas(run, "id long")


def chained() -> None:
    try:
        raise StorageError("missing", "nothing at a.jpg")
    except StorageError as error:
        raise FeaturizationError("photo a.jpg: no photo: nothing at a.jpg") from error


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("fail", "kind", "message"),
    [
        (raising(SystemicError("s3://b/a.jpg: Expired; renew")), SystemicError, "s3://b/a.jpg"),
        (raising(PassingError("s3://b/a.jpg: SlowDown")), PassingError, "s3://b/a.jpg: SlowDown"),
        (raising(PrecisionError("bf16: no")), PrecisionError, "bf16: no"),
        (chained, FeaturizationError, "photo a.jpg: no photo: nothing at a.jpg"),
    ],
)
def test_an_error_of_a_worker_is_raised_whether_a_job_collects_or_writes(
    spark: SparkSession,
    tmp_path: Path,
    fail: Callable[[], object],
    kind: type[SparklesError],
    message: str,
) -> None:
    table = failing(spark, fail)
    actions: list[Callable[[], object]] = [
        table.collect,
        lambda: table.write.parquet(str(tmp_path / "out")),
    ]
    for action in actions:
        with pytest.raises(kind, match=message) as caught, raising_worker_errors():
            action()
        assert "\n" not in str(caught.value)
        assert type(caught.value) is kind


def test_other_failures_stay_what_they_are(spark: SparkSession) -> None:
    for error in (ZeroDivisionError("ours"), PhotoError("corrupt", "not raised by tasks")):
        with pytest.raises(PySparkException), raising_worker_errors():
            failing(spark, raising(error)).collect()
    with pytest.raises(ValueError, match=r"sparkles\.errors"), raising_worker_errors():
        raise ValueError("sparkles.errors.SystemicError: quoted")
