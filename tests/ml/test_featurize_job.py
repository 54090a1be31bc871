"""Preparing a session for a job: what the workers learn, and how many rows they get at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark import SparkFiles
from pyspark.sql import SparkSession

from sparkles.choices import EngineName, Precision
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.featurize_job import limit_batches, prepare_job
from sparkles.worker.featurize import FeaturizeTask
from sparkles.worker.load import PhotoKind

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"


@pytest.fixture
def session(spark: SparkSession) -> Iterator[SparkSession]:
    """The session, with Spark's own number of rows in a batch."""
    before = spark.conf.get(BATCH_ROWS)
    spark.conf.set(BATCH_ROWS, "10000")
    yield spark
    spark.conf.set(BATCH_ROWS, before or "10000")


@pytest.mark.parametrize(
    ("kind", "rows", "limited"),
    [
        (PhotoKind.URI, "10000", "10000"),
        (PhotoKind.BYTES, "10000", "16"),
        (PhotoKind.STRUCT, "10000", "16"),
        (PhotoKind.BYTES, "0", "16"),  # Spark's word for no limit
        (PhotoKind.BYTES, "4", "4"),
    ],
)
def test_rows_that_hold_photos_travel_in_small_batches(
    session: SparkSession, kind: PhotoKind, rows: str, limited: str
) -> None:
    session.conf.set(BATCH_ROWS, rows)
    limit_batches(session, kind)
    assert session.conf.get(BATCH_ROWS) == limited


def test_workers_get_the_params_and_the_network(session: SparkSession) -> None:
    stage = DeepImageFeaturizer(
        inputCol="content", outputCol="features", modelName="SparklesDemo", batchSize=3,
        handleInvalid="skip", precision="f32", engine="openvino",
    )  # fmt: skip
    network = stage.network()
    photos = session.createDataFrame([(bytearray(b"x"),)], "content binary")
    assert prepare_job(stage, network, photos) == FeaturizeTask(
        engine=EngineName.OPENVINO,
        network=network.name,
        height=96,
        width=96,
        kind=PhotoKind.BYTES,
        batch_size=3,
        fail_fast=False,
        precision=Precision.F32,
    )
    assert session.conf.get(BATCH_ROWS) == "16"
    shipped = Path(SparkFiles.get(network.name))
    assert shipped.read_bytes() == network.files[0].read_bytes()
