"""Photos by reference in, one row of features or a reason out."""

from __future__ import annotations

import math

from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import ERROR, FEATURES, IMAGE, IMAGE_ID, REASON, URI, Reason
from sparkles.ml import DeepImageFeaturizer

__all__ = ["featurize_photos", "no_photo", "reason_of", "split_rejected"]

# A task's photos: few enough that progress is seen and a lost task costs little, many enough that
# Spark's own work per task, some 50 ms, does not show.
_PHOTOS_PER_TASK = 64
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
        ``error`` string (null for a good one). Lazy: write it before reading it twice.
    """
    stage = featurizer.copy().setParams(
        inputCol=IMAGE, outputCol=FEATURES, handleInvalid="keep", errorCol=ERROR
    )
    if IMAGE in photos.columns:
        ready = photos.select(IMAGE_ID, URI, IMAGE)  # not shuffled: it holds whole photos
    else:
        tasks = min(max(photos.sparkSession.sparkContext.defaultParallelism, _tasks(count)), _TASKS)
        ready = photos.select(IMAGE_ID, URI).repartition(tasks, IMAGE_ID)
        ready = ready.withColumn(IMAGE, F.col(URI))
    features = F.when(F.col(ERROR).isNull(), vector_to_array(F.col(FEATURES), dtype="float32"))
    error = F.when(F.col(IMAGE).isNull(), no_photo()).otherwise(F.col(ERROR))
    columns = [F.col(IMAGE_ID), F.col(URI), features.alias(FEATURES), error.alias(ERROR)]
    return stage.transform(ready).select(columns)


def _tasks(count: int) -> int:
    return max(1, math.ceil(count / _PHOTOS_PER_TASK))


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
