"""The classes that most images have."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import MID
from sparkles.exploration.census import NEGATIVE, POSITIVE

__all__ = ["ClassCount", "frequent_classes"]


@dataclass(frozen=True)
class ClassCount:
    """A class and its images.

    Attributes
    ----------
    mid
        Its machine id.
    positive, negative
        How many images have it, and of how many somebody says that they do not.
    """

    mid: str
    positive: int
    negative: int


def frequent_classes(images: DataFrame, most: int) -> list[ClassCount]:
    """The classes that most images have; of equals, the one with more negatives, then by MID.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` gives, stored.
    most
        How many classes.
    """
    said = [
        images.select(F.explode(kind).alias(MID), F.lit(kind).alias("kind"))
        for kind in (POSITIVE, NEGATIVE)
    ]
    counts = (
        said[0]
        .unionByName(said[1])
        .groupBy(MID)
        .agg(*[F.count(F.when(F.col("kind") == k, 1)).alias(k) for k in (POSITIVE, NEGATIVE)])
    )
    rows = counts.orderBy(F.desc(POSITIVE), F.desc(NEGATIVE), MID).limit(most).collect()
    return [ClassCount(row[MID], int(row[POSITIVE]), int(row[NEGATIVE])) for row in rows]
