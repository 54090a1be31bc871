"""The workers' pass over photos as a Spark UDF."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
from pyspark import Accumulator, SparkFiles
from pyspark.sql import Column
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import ArrayType, DataType, FloatType, StringType, StructField, StructType

from sparkles.choices import Reason
from sparkles.columns import ERROR, FEATURES, PRECISION, SHA256
from sparkles.ml.task_decoder import task_decoder
from sparkles.worker.featurize import FeaturizeTask, featurize_batches
from sparkles.worker.load import PhotoBatch, PhotoKind

__all__ = ["featurize_udf", "photo_udf"]

_RESULT = StructType(
    [
        StructField(FEATURES, ArrayType(FloatType(), containsNull=False)),
        StructField(ERROR, StringType()),
        StructField(PRECISION, StringType()),
        StructField(SHA256, StringType()),
    ]
)


def featurize_udf(
    task: FeaturizeTask,
    counter: Accumulator[int] | None = None,
    rejected: Accumulator[int] | None = None,
) -> Callable[[Column], Column]:
    """Make the UDF from photos to a struct of features, error, precision and hash.

    Parameters
    ----------
    task
        What each worker needs; :func:`~sparkles.ml.featurize_job.prepare_job` gives it.
    counter
        Counts the photos that are done.
    rejected
        Counts those that give no features, except missing ones.
    """

    def featurize(batches: Iterator[PhotoBatch]) -> Iterator[pd.DataFrame]:
        with task_decoder() as decoder:
            for features in featurize_batches(batches, task, SparkFiles.get, decoder):
                yield features
                if counter is not None:
                    counter.add(len(features))
                if rejected is not None:
                    rejected.add(sum(map(_is_rejected, features[ERROR])))

    return photo_udf(featurize, task.kind, pd.DataFrame, _RESULT)


def _is_rejected(error: str | None) -> bool:
    return error is not None and not error.startswith(Reason.NO_PHOTO)


def photo_udf(
    function: Callable[[Iterator[PhotoBatch]], Iterator[pd.Series[Any] | pd.DataFrame]],
    kind: PhotoKind,
    result: type,
    schema: DataType,
    *,
    deterministic: bool = False,
) -> Callable[[Column], Column]:
    """Make a UDF of a function from an iterator of batches of photos to one of results.

    Parameters
    ----------
    function
        Takes what :func:`~sparkles.worker.load.photos_of` reads. Its argument is ``batches``.
    kind
        What the column holds.
    result, schema
        ``pandas.DataFrame`` and a struct type, or ``pandas.Series`` and any other.
    deterministic
        Whether Spark may move and merge calls. By default it must neither run the network twice
        for two columns nor push filters below it.
    """
    # Spark reads the kind of UDF from annotations, which must be the types themselves.
    column = pd.DataFrame if kind is PhotoKind.STRUCT else pd.Series
    function.__annotations__ = {
        "batches": types.GenericAlias(Iterator, column),
        "return": types.GenericAlias(Iterator, result),
    }
    make_udf: Any = pandas_udf  # its overloads do not know annotations that are set afterwards
    udf: Any = make_udf(function, schema)
    result_udf: Callable[[Column], Column] = udf if deterministic else udf.asNondeterministic()
    return result_udf
