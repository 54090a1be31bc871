"""How many labels images have."""

from __future__ import annotations

from typing import TypedDict

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.exploration.census import NEGATIVE, POSITIVE

__all__ = ["ImageTotals", "LabelsPerImage", "Spread", "describe_images", "spread_of"]

_LABELS = "labels"


class ImageTotals(TypedDict):
    """Images with any label, with a positive one, with a negative one, and with contradictory ones.

    Labels are contradictory if the same class is both positive and negative in an image.
    """

    named: int
    with_positive: int
    with_negative: int
    contradictory: int


class Spread(TypedDict):
    """How many labels images have; all but ``images`` leave out images without such labels.

    ``median`` is the lower of two; ``images`` lists pairs of a number of labels and its images.
    """

    least: int
    most: int
    median: int
    mean: float
    mode: int
    images: list[tuple[int, int]]


class LabelsPerImage(TypedDict):
    """The spread of positive and negative labels together, and of either kind alone."""

    all: Spread
    positive: Spread
    negative: Spread


def describe_images(images: DataFrame) -> tuple[ImageTotals, LabelsPerImage]:
    """Count the images, and the labels of each.

    An image and a class count once, however many rows name them.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` returns, stored.
    """
    positive, negative = F.size(POSITIVE), F.size(NEGATIVE)
    contradictory = F.size(F.array_intersect(POSITIVE, NEGATIVE)) > 0
    row = images.agg(
        F.count("*").alias("named"),
        F.count(F.when(positive > 0, 1)).alias("with_positive"),
        F.count(F.when(negative > 0, 1)).alias("with_negative"),
        F.count(F.when(contradictory, 1)).alias("contradictory"),
    ).collect()[0]
    totals = ImageTotals(
        named=row["named"],
        with_positive=row["with_positive"],
        with_negative=row["with_negative"],
        contradictory=row["contradictory"],
    )

    def spread(size: Column) -> Spread:
        # One row for each number of labels that an image has: at most one for each class.
        sizes = images.groupBy(size.alias(_LABELS)).count().collect()
        return spread_of({int(row[_LABELS]): int(row["count"]) for row in sizes})

    return totals, LabelsPerImage(
        all=spread(positive + negative), positive=spread(positive), negative=spread(negative)
    )


def spread_of(images_by_labels: dict[int, int]) -> Spread:
    """Sum up how many images have how many labels.

    Examples
    --------
    >>> spread_of({0: 5, 1: 2, 3: 2})
    {'least': 1, 'most': 3, 'median': 1, 'mean': 2.0, 'mode': 1, 'images': [(0, 5), (1, 2), (3, 2)]}
    """
    pairs = sorted(images_by_labels.items())
    some = [(labels, images) for labels, images in pairs if labels > 0]
    total = sum(images for _, images in some)
    if not total:
        return {"least": 0, "most": 0, "median": 0, "mean": 0.0, "mode": 0, "images": pairs}
    mean = sum(labels * images for labels, images in some) / total
    mode = max(some, key=lambda pair: (pair[1], -pair[0]))[0]
    median, seen = 0, 0
    for labels, images in some:
        seen += images
        if 2 * seen >= total:
            median = labels
            break
    return {
        "least": some[0][0],
        "most": some[-1][0],
        "median": median,
        "mean": round(mean, 4),
        "mode": mode,
        "images": pairs,
    }
