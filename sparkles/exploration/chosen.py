"""The classes that are to be told apart: their balance, and images with several of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, MID
from sparkles.exploration.census import NEGATIVE, POSITIVE
from sparkles.sources.classes import LabelClass

__all__ = ["describe_chosen", "with_chosen"]

_AMONG = "among"
_MOST_COMBINATIONS = 20


def with_chosen(images: DataFrame, classes: Sequence[LabelClass]) -> DataFrame:
    """The images with any of the chosen classes; ``among`` array<string> holds these."""
    mids = F.array(*[F.lit(chosen.mid) for chosen in classes])
    among = images.withColumn(_AMONG, F.array_sort(F.array_intersect(POSITIVE, mids)))
    return among.where(F.size(_AMONG) > 0)


def describe_chosen(
    images: DataFrame, classes: Sequence[LabelClass], readable: DataFrame | None = None
) -> dict[str, Any]:
    """Count the images of the chosen classes.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` gives, stored.
    readable
        ``image_id`` of the photos whose headers could be read, unique; ``None`` where no photo
        was looked for.

    Returns
    -------
    dict
        ``classes``: ``name``, ``mid`` and images: ``positive``, ``negative``, ``alone`` (with no
        other chosen class), ``with_photo`` (of ``positive``; null where none was looked for).
        ``images``, ``ambiguous`` (with several), ``combinations`` (the most frequent of these),
        ``largest_share`` (of the images with a single class, how many have the most frequent: the
        accuracy of always answering it) and ``ratio`` (the largest class by the smallest).
    """
    among = with_chosen(images, classes)
    combinations = among.groupBy(_AMONG).count()
    several = combinations.where(F.size(_AMONG) > 1)
    ambiguous = several.agg(F.coalesce(F.sum("count"), F.lit(0))).collect()[0][0]
    single = combinations.where(F.size(_AMONG) == 1).collect()
    alone = {row[_AMONG][0]: int(row["count"]) for row in single}
    first = several.orderBy(F.desc("count"), _AMONG).limit(_MOST_COMBINATIONS).collect()
    names = {chosen.mid: chosen.name for chosen in classes}
    positive = _by_class(among, _AMONG)
    wanted = F.array(*[F.lit(mid) for mid in names])
    negative = _by_class(images.select(F.array_intersect(NEGATIVE, wanted).alias(_AMONG)), _AMONG)
    found = None if readable is None else _with_photo(among, readable)
    counts = [alone.get(mid, 0) for mid in names]
    return {
        "classes": [
            {
                "name": name,
                "mid": mid,
                "positive": positive.get(mid, 0),
                "negative": negative.get(mid, 0),
                "alone": alone.get(mid, 0),
                "with_photo": None if found is None else found.get(mid, 0),
            }
            for mid, name in names.items()
        ],
        "images": sum(alone.values()) + int(ambiguous),
        "ambiguous": int(ambiguous),
        "combinations": [
            {
                "classes": [name for mid, name in names.items() if mid in row[_AMONG]],
                "images": int(row["count"]),
            }
            for row in first
        ],
        "largest_share": round(max(counts) / sum(counts), 4) if sum(counts) else None,
        "ratio": round(max(counts) / min(counts), 4) if min(counts) else None,
    }


def _by_class(table: DataFrame, column: str) -> dict[str, int]:
    rows = table.select(F.explode(column).alias(MID)).groupBy(MID).count().collect()
    return {row[MID]: int(row["count"]) for row in rows}


def _with_photo(among: DataFrame, readable: DataFrame) -> dict[str, int]:
    # left_semi: an image counts once, and the photos' table need not be carried along.
    return _by_class(among.join(readable.select(IMAGE_ID), on=IMAGE_ID, how="left_semi"), _AMONG)
