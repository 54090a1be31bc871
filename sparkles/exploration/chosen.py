"""The chosen classes: how balanced they are, and which images have several of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, MID
from sparkles.exploration.census import NEGATIVE, POSITIVE
from sparkles.sources.classes import LabelClass

__all__ = ["ChosenCount", "ChosenFacts", "Combination", "describe_chosen", "with_chosen"]

_AMONG = "among"
_MOST_COMBINATIONS = 20


class ChosenCount(TypedDict):
    """The images of a chosen class.

    ``alone`` counts positive images without another chosen class, ``with_photo`` positive ones
    with a readable photo; it is ``None`` where no photo was looked for.
    """

    name: str
    mid: str
    positive: int
    negative: int
    alone: int
    with_photo: int | None


class Combination(TypedDict):
    """The classes of ambiguous images, and how many images have exactly these."""

    classes: list[str]
    images: int


class ChosenFacts(TypedDict):
    """The chosen classes in ``explore.json``.

    ``images`` have any of the classes; ``ambiguous`` ones have several, and ``combinations`` lists
    the most frequent of these. ``largest_share`` is the share of the most frequent class among the
    images with a single class, which is the accuracy of always predicting it. ``ratio`` is that
    class by the smallest.
    """

    classes: list[ChosenCount]
    images: int
    ambiguous: int
    combinations: list[Combination]
    largest_share: float | None
    ratio: float | None


def with_chosen(images: DataFrame, classes: Sequence[LabelClass]) -> DataFrame:
    """Return the images with any of the chosen classes; ``among`` array<string> holds these."""
    mids = F.array(*[F.lit(chosen.mid) for chosen in classes])
    among = images.withColumn(_AMONG, F.array_sort(F.array_intersect(POSITIVE, mids)))
    return among.where(F.size(_AMONG) > 0)


def describe_chosen(
    images: DataFrame, classes: Sequence[LabelClass], readable: DataFrame | None = None
) -> ChosenFacts:
    """Count the images of the chosen classes.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` returns, stored.
    readable
        ``image_id`` of the photos with a readable header, unique; ``None`` where no photo was
        looked for.
    """
    among = with_chosen(images, classes)
    combinations = among.groupBy(_AMONG).count()
    several = combinations.where(F.size(_AMONG) > 1)
    ambiguous = int(several.agg(F.coalesce(F.sum("count"), F.lit(0))).collect()[0][0])
    single = combinations.where(F.size(_AMONG) == 1).collect()
    alone = {row[_AMONG][0]: int(row["count"]) for row in single}
    first = several.orderBy(F.desc("count"), _AMONG).limit(_MOST_COMBINATIONS).collect()
    positive = _by_class(among)
    wanted = F.array(*[F.lit(chosen.mid) for chosen in classes])
    negative = _by_class(images.select(F.array_intersect(NEGATIVE, wanted).alias(_AMONG)))
    with_photo = None if readable is None else _with_photo(among, readable)
    counts = [alone.get(chosen.mid, 0) for chosen in classes]
    return {
        "classes": [
            {
                "name": chosen.name,
                "mid": chosen.mid,
                "positive": positive.get(chosen.mid, 0),
                "negative": negative.get(chosen.mid, 0),
                "alone": alone.get(chosen.mid, 0),
                "with_photo": None if with_photo is None else with_photo.get(chosen.mid, 0),
            }
            for chosen in classes
        ],
        "images": sum(counts) + ambiguous,
        "ambiguous": ambiguous,
        "combinations": [
            {
                "classes": [chosen.name for chosen in classes if chosen.mid in row[_AMONG]],
                "images": int(row["count"]),
            }
            for row in first
        ],
        "largest_share": round(max(counts) / sum(counts), 4) if sum(counts) else None,
        "ratio": round(max(counts) / min(counts), 4) if min(counts) else None,
    }


def _by_class(among: DataFrame) -> dict[str, int]:
    rows = among.select(F.explode(_AMONG).alias(MID)).groupBy(MID).count().collect()
    return {row[MID]: int(row["count"]) for row in rows}


def _with_photo(among: DataFrame, readable: DataFrame) -> dict[str, int]:
    # left_semi: an image counts once, and the photos' table need not be carried along.
    return _by_class(among.join(readable.select(IMAGE_ID), on=IMAGE_ID, how="left_semi"))
