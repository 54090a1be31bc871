"""A short measurement on the user's photos, from which the hours of a cluster are estimated."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, PRECISION, URI
from sparkles.errors import SourceError
from sparkles.features import featurize_photos
from sparkles.ml import DeepImageFeaturizer
from sparkles.models.engines.cpu import cpu_kind
from sparkles.run_files import PilotNote
from sparkles.sources import read_photos
from sparkles.spark.session import build_session
from sparkles.workflow.network_setup import load_network

__all__ = ["pilot"]

_SAMPLE = 2_000  # of the user's photos; if there are fewer, they are read repeatedly
_WARM_UP = 16  # photos per core
_SECONDS = 15.0
_LEAST = 64


def pilot(
    images: str, network: str, precision: str, spark: SparkSession | None = None
) -> PilotNote:
    """Measure how fast this machine puts photos through a network on all cores.

    Weights do not change the time, so the network has random weights and nothing is downloaded.
    Loading the network is not measured. The measurement takes about twenty seconds with its
    warm-up.

    Parameters
    ----------
    images
        A folder, an S3 prefix (it is listed) or a manifest.
    network, precision
        The featurizer's ``modelName`` and ``precision``.
    spark
        A session to use; default: build one.

    Returns
    -------
    dict
        See :class:`~sparkles.run_files.PilotNote`.

    Raises
    ------
    SourceError
        If there are no photos, or none of them can be read.
    UserError
        If the network or the precision is not available.
    """
    featurizer = DeepImageFeaturizer(
        inputCol="image", outputCol="features", modelName=network, weights="random",
        precision=precision,
    )  # fmt: skip
    featurizer.networkSettings()
    session = spark or build_session("sparkles pilot")
    cores = session.sparkContext.defaultParallelism
    table = read_photos(session, images, list_them=True).table
    if table is None:  # not with list_them
        raise SourceError(f"there are no photos under {images}")
    uris = [row[URI] for row in table.select(URI).where(F.col(URI).isNotNull()).take(_SAMPLE)]
    ready, _ = load_network(featurizer, _photos(session, uris, len(uris)), lambda _: None)
    rate, _ = _measure(session, ready, uris, _WARM_UP * cores)
    rate, _ = _measure(session, ready, uris, _WARM_UP * cores)  # the first loads the network
    count = max(_LEAST, int(rate * _SECONDS))
    rate, computed = _measure(session, ready, uris, count)
    return {
        "network": network,
        "precision": computed,
        "cpu": cpu_kind(),
        "per_vcpu": round(rate / cores, 2),
        "worker_mb": _largest_worker(session, cores),
        "photos": count,
        "seconds": round(count / rate, 1),
    }


def _photos(spark: SparkSession, uris: list[str], count: int) -> DataFrame:
    rows = [(str(index), uris[index % len(uris)]) for index in range(count)]
    return spark.createDataFrame(rows, f"{IMAGE_ID} string, {URI} string")


def _measure(
    spark: SparkSession, featurizer: DeepImageFeaturizer, uris: list[str], count: int
) -> tuple[float, str]:
    """Return photos per second over ``count`` photos, and what they were computed in."""
    features = featurize_photos(_photos(spark, uris, count), featurizer, count)
    start = time.monotonic()
    rows = features.groupBy(PRECISION).count().collect()
    seconds = time.monotonic() - start
    good = {row[PRECISION]: row["count"] for row in rows if row[PRECISION] is not None}
    if not good:
        reason = features.select("error").first()
        raise SourceError(
            f"none of {len(uris)} photos can be used, for example {uris[0]}: "
            f"{reason and reason['error']}"
        )
    return count / seconds, max(good, key=lambda precision: good[precision])


def _largest_worker(spark: SparkSession, cores: int) -> int:
    """Return the resident MiB of the largest Python worker; Spark keeps workers between jobs."""

    def report(_: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
        time.sleep(0.2)  # so that every worker gets a task
        yield pd.DataFrame({"kib": [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]})

    shares = spark.range(0, 4 * cores, numPartitions=4 * cores).mapInPandas(report, "kib long")
    largest = shares.agg(F.max("kib").alias("kib")).first()
    return int(largest["kib"] // 1024) if largest else 0
