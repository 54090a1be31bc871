"""The classes that most images have."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import MID
from sparkles.exploration.census import NEGATIVE, POSITIVE

__all__ = ["ClassCount", "frequent_classes"]

_KIND = "kind"


@dataclass(frozen=True)
class ClassCount:
    """A class and its images.

    Attributes
    ----------
    mid
        Its machine id.
    positive, negative
        How many images have the class, and how many are verified not to have it.
    """

    mid: str
    positive: int
    negative: int


def frequent_classes(images: DataFrame, most: int) -> list[ClassCount]:
    """Return the classes that most images have.

    Among classes with as many images, those with more negatives come first, then those whose MID
    is earlier in the alphabet.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` returns, stored.
    most
        How many classes to return.
    """
    kinds = (POSITIVE, NEGATIVE)
    positive, negative = (
        images.select(F.explode(kind).alias(MID), F.lit(kind).alias(_KIND)) for kind in kinds
    )
    of_kind = [F.count(F.when(F.col(_KIND) == kind, 1)).alias(kind) for kind in kinds]
    counts = positive.unionByName(negative).groupBy(MID).agg(*of_kind)
    rows = counts.orderBy(F.desc(POSITIVE), F.desc(NEGATIVE), MID).limit(most).collect()
    return [ClassCount(row[MID], int(row[POSITIVE]), int(row[NEGATIVE])) for row in rows]
