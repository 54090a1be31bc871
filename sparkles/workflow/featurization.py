"""Put the photos of a run through the network: each photo once, with every rejection counted."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import ERROR, PRECISION, REASON, URI
from sparkles.features import featurize_photos, split_rejected
from sparkles.features.feature_table import reason_of
from sparkles.ml import DeepImageFeaturizer
from sparkles.sources.storage_errors import storage_errors_as
from sparkles.spark.photo_tables import has_images
from sparkles.spark.progress import show_progress
from sparkles.spark.s3_requests import check_photos_in_s3
from sparkles.workflow.featurized import Featurized
from sparkles.workflow.network_setup import describe_precisions
from sparkles.workflow.rejection import warning_of_rejected
from sparkles.workflow.run import Run

__all__ = ["check_photos", "featurize_once", "store_references"]

_TRIED = 8  # photos in S3 that are read on trial before a job


def store_references(run: Run, photos: DataFrame) -> DataFrame:
    """Store ids and URIs of photos; a DataFrame with bytes or pixels is returned as it is."""
    return photos if has_images(photos) else run.store(photos, "_work/unique_photos")


def featurize_once(
    run: Run, photos: DataFrame, featurizer: DeepImageFeaturizer, count: int
) -> Featurized:
    """Put each photo through the network once; later stages read the stored result.

    Parameters
    ----------
    photos
        Unique ``image_id``; ``uri``, null where there is no photo; optionally ``image``.
    count
        The number of photos.
    """
    check_photos(run, photos)
    with (
        show_progress(run.spark.sparkContext, count, quiet=run.stages.quiet) as done,
        warning_of_rejected(run, done) as bad,
    ):
        lazy = featurize_photos(photos, featurizer, count, counter=done, rejected=bad)
        features = run.store(lazy, "_work/features")
    good, rejected = split_rejected(features)
    reason = reason_of(F.col(ERROR)).alias(REASON)
    reasons: dict[str, int] = {}
    precisions: dict[str, int] = {}
    for row in features.groupBy(reason, PRECISION).count().sort(REASON, PRECISION).collect():
        counts, key = (precisions, PRECISION) if row[REASON] is None else (reasons, REASON)
        counts[row[key]] = int(row["count"])
    featurized = Featurized(good, rejected, sum(precisions.values()), reasons, precisions)
    _report(run, featurized)
    return featurized


def check_photos(run: Run, photos: DataFrame) -> None:
    """Check that this job may read the photos in S3, before it tries all of them.

    Raises
    ------
    SourceError
        If none of a few photos may be read.
    """
    if has_images(photos):
        return
    in_s3 = photos.select(URI).where(F.col(URI).rlike("^(?i)s3[an]?:"))
    sample = in_s3.orderBy(F.xxhash64(URI)).limit(_TRIED).collect()
    if sample:
        with storage_errors_as("photos in S3"):
            check_photos_in_s3(run.spark, [row[URI] for row in sample])


def _report(run: Run, done: Featurized) -> None:
    rejected = ", ".join(f"{count:,} {reason}" for reason, count in done.reasons.items())
    computed = describe_precisions(done.precisions)
    run.stages.say(
        f"      {done.featurized:,} featurized{computed and ', ' + computed}; rejected: "
        f"{rejected or 'none'}"
    )
