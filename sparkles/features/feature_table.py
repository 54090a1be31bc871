"""Photos by reference in, one row of features or a reason out."""

from __future__ import annotations

import math

from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.choices import Reason
from sparkles.columns import (
    ERROR,
    FEATURES,
    IMAGE,
    IMAGE_ID,
    PRECISION,
    REASON,
    URI,
)
from sparkles.ml import DeepImageFeaturizer

__all__ = ["calibrate_featurizer", "featurize_photos", "no_photo", "reason_of", "split_rejected"]

# A task's photos: few enough that progress is seen and a lost task costs little, many enough that
# Spark's own work per task, some 50 ms, does not show.
_FEWEST_PER_TASK, _MOST_PER_TASK = 64, 256
_TASKS = 20_000


def featurize_photos(photos: DataFrame, featurizer: DeepImageFeaturizer, count: int) -> DataFrame:
    """Put every photo through the network; bad ones become rows with a reason.

    Parameters
    ----------
    photos
        ``image_id``, ``uri`` and perhaps ``image`` (bytes or structs, used in the URI's place);
        unique by ``image_id``. A null ``uri`` without ``image`` is a missing photo.
    featurizer
        Its columns and its handling of invalid photos are set here.
    count
        How many photos there are, to cut the work into tasks.

    Returns
    -------
    DataFrame
        ``image_id`` string, ``uri`` string, ``features`` array<float> (null for a bad photo),
        ``error`` string (null for a good one), ``precision`` string (what the features were
        computed in). Lazy: write it before reading it twice.
    """
    stage = featurizer.copy().setParams(
        inputCol=IMAGE,
        outputCol=FEATURES,
        handleInvalid="keep",
        errorCol=ERROR,
        precisionCol=PRECISION,
    )
    ready = _ready(photos)
    if IMAGE not in photos.columns:  # photos that come as bytes are not shuffled
        slots = photos.sparkSession.sparkContext.defaultParallelism
        ready = ready.repartition(_tasks(count, slots), IMAGE_ID)
    features = F.when(F.col(ERROR).isNull(), vector_to_array(F.col(FEATURES), dtype="float32"))
    error = F.when(F.col(IMAGE).isNull(), no_photo()).otherwise(F.col(ERROR))
    columns = [F.col(IMAGE_ID), F.col(URI), features.alias(FEATURES), error.alias(ERROR)]
    return stage.transform(ready).select([*columns, F.col(PRECISION)])


def calibrate_featurizer(photos: DataFrame, featurizer: DeepImageFeaturizer) -> DeepImageFeaturizer:
    """Calibrate an int8 featurizer on photos as :func:`featurize_photos` takes them.

    Raises
    ------
    PrecisionError
        If the int8 features stray too far from float32.
    """
    return featurizer.copy().setParams(inputCol=IMAGE).calibrate(_ready(photos))


def _ready(photos: DataFrame) -> DataFrame:
    photo = F.col(IMAGE if IMAGE in photos.columns else URI)
    return photos.select(IMAGE_ID, URI, photo.alias(IMAGE))


def _tasks(count: int, slots: int) -> int:
    """How many tasks: some twenty a slot, none too small or too large."""
    size = min(max(count // (20 * slots), _FEWEST_PER_TASK), _MOST_PER_TASK)
    return min(max(slots, math.ceil(count / size)), _TASKS)


def split_rejected(features: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Part featurized images from rejected ones.

    Returns
    -------
    good : DataFrame
        ``image_id``, ``uri``, ``features``.
    rejected : DataFrame
        ``image_id``, ``uri``, ``reason``, ``error``.
    """
    good = features.where(F.col(ERROR).isNull()).select(IMAGE_ID, URI, FEATURES)
    bad = features.where(F.col(ERROR).isNotNull())
    return good, bad.select(IMAGE_ID, URI, reason_of(F.col(ERROR)).alias(REASON), ERROR)


def reason_of(error: Column) -> Column:
    """The reason in front of an error's colon."""
    return F.regexp_extract(error, r"^([^:]*)", 1)


def no_photo() -> Column:
    """The error of an image that no listed photo belongs to."""
    return F.lit(f"{Reason.NO_PHOTO.value}: none was found for this image id")
