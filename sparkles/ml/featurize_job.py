"""What a session and its workers need before photos go through a network."""

from __future__ import annotations

import functools

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

from sparkles.choices import HandleInvalid, Precision
from sparkles.ml.featurizer_params import FeaturizerParams
from sparkles.ml.input_column import photo_kind
from sparkles.models import NetworkArtifact
from sparkles.models.engines.openvino import check_precision
from sparkles.spark.interpreter import prepare_workers
from sparkles.spark.s3_requests import s3_options
from sparkles.worker.featurize import FeaturizeTask
from sparkles.worker.load import PhotoKind

__all__ = ["limit_batches", "prepare_job", "prepare_session"]

# Rows that travel to a worker together if they hold photos and not only their URIs. Spark's
# own 10,000 would be 3 GB of JPEGs; Spark 3.5 has no limit in bytes.
_PHOTO_ROWS_PER_BATCH = 16
_ROWS_PER_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"


def prepare_job(
    params: FeaturizerParams, network: NetworkArtifact, photos: DataFrame
) -> FeaturizeTask:
    """Prepare a session to featurize a DataFrame, and return what each worker needs to know.

    The network's files go to every executor, and the rows in a batch are limited if they hold
    photos; see :func:`limit_batches`.

    Parameters
    ----------
    params
        Of the featurizer.
    network
        The featurizer's own, or the one it is cut to.
    photos
        With the input column.

    Raises
    ------
    SchemaError
        If the input column is missing or has another type.
    MissingDependencyError
        If the workers' interpreter lacks a package.
    PrecisionError
        If the session is local and this CPU lacks the precision. On a cluster, each worker checks
        its own CPU.
    """
    kind = photo_kind(photos.schema, params.getInputCol())
    return prepare_session(params, network, photos.sparkSession, kind)


def prepare_session(
    params: FeaturizerParams, network: NetworkArtifact, spark: SparkSession, kind: PhotoKind
) -> FeaturizeTask:
    """Prepare a session to featurize photos of a kind; see :func:`prepare_job`."""
    prepare_workers(spark)
    task = FeaturizeTask(
        engine=network.engine,
        network=network.name,
        height=network.height,
        width=network.width,
        kind=kind,
        batch_size=params.getBatchSize(),
        fail_fast=params.getHandleInvalid() == HandleInvalid.ERROR,
        precision=Precision(params.getPrecision()),
        s3=s3_options(spark),
    )
    if (spark.sparkContext.master or "").startswith("local"):
        check_precision(task.precision)
    limit_batches(spark, task.kind)
    for file in network.files:
        _ship_once(spark.sparkContext, str(file))
    return task


def limit_batches(spark: SparkSession, kind: PhotoKind) -> None:
    """Lower the session's limit of rows in a batch, if the rows hold whole photos."""
    limit = int(spark.conf.get(_ROWS_PER_BATCH) or 0)
    if kind is not PhotoKind.URI and not 0 < limit <= _PHOTO_ROWS_PER_BATCH:
        spark.conf.set(_ROWS_PER_BATCH, _PHOTO_ROWS_PER_BATCH)


@functools.lru_cache(maxsize=64)
def _ship_once(context: SparkContext, path: str) -> None:
    context.addFile(path)
