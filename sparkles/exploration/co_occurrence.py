"""Which classes occur in the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.exploration.census import POSITIVE

__all__ = ["LEAST_TOGETHER", "CoOccurrence", "Pair", "count_together", "strongest_pairs"]

LEAST_TOGETHER = 5  # images: a pair with fewer can have any value by chance

_Numbers = npt.NDArray[np.float64]


class Pair(TypedDict):
    """Two classes by their places, how many images have both, and the value of a measure."""

    a: int
    b: int
    together: int
    value: float


@dataclass(frozen=True)
class CoOccurrence:
    """How often classes occur in the same images.

    Attributes
    ----------
    mids
        The classes, by machine id.
    images
        How many images have any positive label.
    together
        int64, classes × classes: images with both classes; on the diagonal, images with the class.
    """

    mids: list[str]
    images: int
    together: npt.NDArray[np.int64]

    @property
    def alone(self) -> npt.NDArray[np.int64]:
        """Return how many images each class is in."""
        return np.diag(self.together)

    def jaccard(self) -> _Numbers:
        """Return images with both classes by images with either: 0 never together, 1 always.

        Examples
        --------
        >>> counts = np.array([[4, 2], [2, 2]])
        >>> CoOccurrence(["/m/car", "/m/wheel"], 10, counts).jaccard()[0, 1].item()
        0.5
        """
        either = self.alone[:, None] + self.alone[None, :] - self.together
        jaccard: _Numbers = self.together / np.maximum(either, 1)
        return jaccard

    def lift(self) -> _Numbers:
        """Return how many times as often as by chance they are together: n·n(ab) / (n(a)·n(b)).

        Examples
        --------
        >>> counts = np.array([[4, 2], [2, 2]])
        >>> CoOccurrence(["/m/car", "/m/wheel"], 10, counts).lift()[0, 1].item()
        2.5
        """
        # As floats: with six million images, the product of three counts exceeds 2**63.
        chance = np.outer(self.alone.astype(np.float64), self.alone.astype(np.float64))
        lift: _Numbers = self.together * float(self.images) / np.maximum(chance, 1.0)
        return lift


def count_together(images: DataFrame, mids: Sequence[str], total: int) -> CoOccurrence:
    """Count the images of each pair of classes, in Spark.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` returns, stored.
    mids
        The classes to pair, by machine id.
    total
        How many images have any positive label.
    """
    wanted = F.array(*[F.lit(mid) for mid in mids])
    among = images.select(F.array_intersect(POSITIVE, wanted).alias("among"))
    first = among.select("among", F.explode("among").alias("a"))
    pairs = first.select("a", F.explode("among").alias("b"))
    # Bounded by the number of classes, squared and halved.
    rows = pairs.where(F.col("a") <= F.col("b")).groupBy("a", "b").count().collect()
    place = {mid: number for number, mid in enumerate(mids)}
    together = np.zeros((len(mids), len(mids)), dtype=np.int64)
    for row in rows:
        a, b = place[row["a"]], place[row["b"]]
        together[a, b] = together[b, a] = row["count"]
    return CoOccurrence(list(mids), total, together)


def strongest_pairs(
    found: CoOccurrence, measure: _Numbers, most: int, *, least: int = 1
) -> list[Pair]:
    """Return the pairs of different classes with the largest values of a measure.

    Parameters
    ----------
    measure
        Classes × classes, for example :meth:`CoOccurrence.jaccard`.
    most
        How many pairs to return.
    least
        Pairs with fewer images that have both classes are left out.
    """
    rows, columns = np.triu_indices(len(found.mids), k=1)
    often = found.together[rows, columns] >= max(least, 1)
    rows, columns = rows[often], columns[often]
    values = measure[rows, columns]
    best = np.argsort(-values, kind="stable")[:most]
    return [
        {
            "a": int(rows[n]),
            "b": int(columns[n]),
            "together": int(found.together[rows[n], columns[n]]),
            "value": float(values[n]),
        }
        for n in best
    ]
