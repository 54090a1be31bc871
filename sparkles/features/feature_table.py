"""The features of photos as a table: one row for each, with features or a reason."""

from __future__ import annotations

from pyspark import Accumulator
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.choices import HandleInvalid, Reason
from sparkles.columns import (
    ERROR,
    FEATURES,
    IMAGE,
    IMAGE_ID,
    PRECISION,
    REASON,
    SHA256,
    URI,
)
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.featurize_job import prepare_job
from sparkles.ml.featurize_udf import featurize_udf
from sparkles.spark.photo_tables import photo_column, spread_photos

__all__ = ["calibrate_featurizer", "featurize_photos", "no_photo", "reason_of", "split_rejected"]

_FOUND = "found"


def featurize_photos(
    photos: DataFrame,
    featurizer: DeepImageFeaturizer,
    count: int,
    *,
    counter: Accumulator[int] | None = None,
    rejected: Accumulator[int] | None = None,
) -> DataFrame:
    """Compute the features of every photo; a bad photo becomes a row with a reason.

    Parameters
    ----------
    photos
        ``image_id``, ``uri`` and optionally ``image`` (bytes or structs, used instead of the URI);
        unique by ``image_id``. A null ``uri`` without ``image`` is a missing photo.
    featurizer
        Its columns and its handling of invalid photos are set here. An int8 featurizer must
        be calibrated first; see :func:`calibrate_featurizer`.
    count
        Number of photos, which decides how the work is split into tasks.
    counter
        Counts the photos that are done.
    rejected
        Counts those that give no features, except missing ones.

    Returns
    -------
    DataFrame
        ``image_id`` string, ``uri`` string, ``features`` array<float> (null for a bad photo),
        ``error`` string (null for a good one), ``precision`` string (what the features were
        computed in), ``sha256`` string (of the photo's bytes; null where none were read, as for
        image structs). Lazy: write it before reading it twice.
    """
    stage = featurizer.copy().setParams(inputCol=IMAGE, handleInvalid=HandleInvalid.KEEP)
    ready = _ready(spread_photos(photos, count))
    task = prepare_job(stage, stage.network(), ready)
    found = ready.withColumn(_FOUND, featurize_udf(task, counter, rejected)(F.col(IMAGE)))
    error = F.when(F.col(IMAGE).isNull(), no_photo()).otherwise(F.col(_FOUND)[ERROR])
    return found.select(
        IMAGE_ID,
        URI,
        F.col(_FOUND)[FEATURES].alias(FEATURES),
        error.alias(ERROR),
        F.col(_FOUND)[PRECISION].alias(PRECISION),
        F.col(_FOUND)[SHA256].alias(SHA256),
    )


def calibrate_featurizer(photos: DataFrame, featurizer: DeepImageFeaturizer) -> DeepImageFeaturizer:
    """Calibrate an int8 featurizer on photos in the form that :func:`featurize_photos` takes.

    Raises
    ------
    PrecisionError
        If the int8 features differ too much from float32.
    """
    return featurizer.copy().setParams(inputCol=IMAGE).calibrate(_ready(photos))


def _ready(photos: DataFrame) -> DataFrame:
    return photos.select(IMAGE_ID, URI, F.col(photo_column(photos)).alias(IMAGE))


def split_rejected(features: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Separate featurized images from rejected ones.

    Returns
    -------
    good : DataFrame
        ``image_id``, ``uri``, ``features``, ``sha256``.
    rejected : DataFrame
        ``image_id``, ``uri``, ``reason``, ``error``.
    """
    good = features.where(F.col(ERROR).isNull()).select(IMAGE_ID, URI, FEATURES, SHA256)
    bad = features.where(F.col(ERROR).isNotNull())
    return good, bad.select(IMAGE_ID, URI, reason_of(F.col(ERROR)).alias(REASON), ERROR)


def reason_of(error: Column) -> Column:
    """Return the reason: what precedes an error's colon."""
    return F.regexp_extract(error, r"^([^:]*)", 1)


def no_photo() -> Column:
    """Return the error of an image that has no photo among those listed."""
    return F.lit(f"{Reason.NO_PHOTO.value}: none was found for this image id")
