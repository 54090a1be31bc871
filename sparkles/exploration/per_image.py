"""How many labels images have."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.exploration.census import NEGATIVE, POSITIVE

__all__ = ["Spread", "describe_images", "spread_of"]

_LABELS = "labels"
Spread = dict[str, Any]


def describe_images(images: DataFrame) -> tuple[dict[str, int], dict[str, Spread]]:
    """Count the images, and the labels of each.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` gives, stored.

    Returns
    -------
    counts : dict
        Images: ``named`` by any label, ``with_positive``, ``with_negative``, and
        ``contradictory``, where a class is both positive and negative.
    per_image : dict of dict
        For ``all`` labels (positive and negative together), ``positive`` and ``negative``: see
        :func:`spread_of`. An image and a class count once, however many rows say so.
    """
    positive, negative = F.size(POSITIVE), F.size(NEGATIVE)
    contradictory = F.size(F.array_intersect(POSITIVE, NEGATIVE)) > 0
    row = images.agg(
        F.count("*").alias("named"),
        F.count(F.when(positive > 0, 1)).alias("with_positive"),
        F.count(F.when(negative > 0, 1)).alias("with_negative"),
        F.count(F.when(contradictory, 1)).alias("contradictory"),
    ).collect()[0]
    spreads = {}
    kinds = {"all": positive + negative, POSITIVE: positive, NEGATIVE: negative}
    for name, size in kinds.items():
        # As many rows as images differ in their number of labels: at most one a class.
        sizes = images.groupBy(size.alias(_LABELS)).count().collect()
        spreads[name] = spread_of({int(row[_LABELS]): int(row["count"]) for row in sizes})
    return {name: int(count) for name, count in row.asDict().items()}, spreads


def spread_of(images_by_labels: dict[int, int]) -> Spread:
    """Sum up how many images have how many labels.

    Returns
    -------
    dict
        ``least``, ``most``, ``median`` (the lower one of two), ``mean`` and ``mode`` of the labels
        of an image, images without such labels left out; and ``images``, a list of (labels,
        images), those without, too.

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
