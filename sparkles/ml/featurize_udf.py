"""The worker's pass as a UDF, and what Spark must be told before it runs."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyspark import Accumulator, SparkContext, SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import ArrayType, DataType, FloatType, StringType, StructField, StructType

from sparkles.columns import ERROR, FEATURES, PRECISION
from sparkles.models import NetworkArtifact
from sparkles.worker.featurize import FeaturizeTask, featurize_batches
from sparkles.worker.load import PhotoKind

__all__ = ["bound_batches", "featurize_udf", "photo_udf", "ship_network"]

# Rows that travel to a worker at once where they hold photos and not only their URIs. Spark's
# own 10,000 would be 3 GB of JPEGs; Spark 3.5 has no limit in bytes.
_PHOTO_ROWS_PER_BATCH = 16
_ROWS_PER_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"

_RESULT = StructType(
    [
        StructField(FEATURES, ArrayType(FloatType(), containsNull=False)),
        StructField(ERROR, StringType()),
        StructField(PRECISION, StringType()),
    ]
)


def featurize_udf(task: FeaturizeTask, counter: Accumulator[int] | None) -> Any:
    """Make the UDF from photos to a struct of ``features``, ``error`` and ``precision``.

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

    return photo_udf(featurize, task.kind, pd.DataFrame, _RESULT)


def photo_udf(function: Any, kind: PhotoKind, result: type, schema: DataType) -> Any:
    """Make a UDF of a function from an iterator of batches of photos to one of results.

    Parameters
    ----------
    function
        Takes what :func:`~sparkles.worker.load.photos_of` reads.
    kind
        What the column holds.
    result, schema
        ``pandas.DataFrame`` and a struct type, or ``pandas.Series`` and any other.
    """
    # Spark reads the kind of UDF from annotations, which must be the types themselves.
    column: type = pd.DataFrame if kind is PhotoKind.STRUCT else pd.Series
    function.__annotations__ = {
        "batches": Iterator[column],  # type: ignore[valid-type]
        "return": Iterator[result],  # type: ignore[valid-type]
    }
    # Spark must neither run the network twice for two columns nor push filters below it.
    make_udf: Any = pandas_udf  # its overloads know no annotations that were set afterwards
    return make_udf(function, schema).asNondeterministic()


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
