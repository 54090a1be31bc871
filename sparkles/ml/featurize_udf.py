"""The worker's pass as a UDF, and what Spark must be told before it runs."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyspark import Accumulator, SparkContext, SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import ArrayType, FloatType, StringType, StructField, StructType

from sparkles.ml.worker import FeaturizeTask, PhotoKind, featurize_batches
from sparkles.models import NetworkArtifact

__all__ = ["bound_batches", "featurize_udf", "ship_network"]

# Rows that travel to a worker at once where they hold photos and not only their URIs. Spark's
# own 10,000 would be 3 GB of JPEGs; Spark 3.5 has no limit in bytes.
_PHOTO_ROWS_PER_BATCH = 64
_ROWS_PER_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"

_RESULT = StructType(
    [
        StructField("features", ArrayType(FloatType(), containsNull=False)),
        StructField("error", StringType()),
    ]
)


def featurize_udf(task: FeaturizeTask, counter: Accumulator[int] | None) -> Any:
    """Make the UDF from a column of photos to a struct of ``features`` and ``error``.

    Parameters
    ----------
    task
        What each worker is told.
    counter
        Told how many photos are done, where there is one.
    """

    def featurize(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for features in featurize_batches(batches, task, SparkFiles.get):
            yield features
            if counter is not None:
                counter.add(len(features))

    # Spark reads the kind of UDF from annotations, which must be the types themselves.
    column: type = pd.DataFrame if task.kind is PhotoKind.STRUCT else pd.Series
    featurize.__annotations__ = {
        "batches": Iterator[column],  # type: ignore[valid-type]
        "return": Iterator[pd.DataFrame],
    }
    # Spark must neither run the network twice for two columns nor push filters below it.
    make_udf: Any = pandas_udf  # its overloads know no annotations that were set afterwards
    return make_udf(featurize, _RESULT).asNondeterministic()


def bound_batches(spark: SparkSession) -> None:
    """Lower the rows that travel to a worker at once, where they hold whole photos."""
    if not 0 < int(spark.conf.get(_ROWS_PER_BATCH) or 0) <= _PHOTO_ROWS_PER_BATCH:
        spark.conf.set(_ROWS_PER_BATCH, _PHOTO_ROWS_PER_BATCH)


@functools.lru_cache(maxsize=64)
def _ship_once(context: SparkContext, path: str) -> None:
    context.addFile(path)


def ship_network(context: SparkContext, network: NetworkArtifact) -> None:
    """Send the network's files to every executor, once."""
    for file in network.files:
        _ship_once(context, str(file))
