"""Histograms counted in Spark: the driver receives bins, never values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypedDict

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

__all__ = ["Bins", "Grid", "Histogram", "bin_in_two", "bin_values"]

_BINS = 40
_BINS_A_SIDE = 32


class Bins(TypedDict):
    """A histogram in ``explore.json``: its edges have six significant digits."""

    edges: list[float]
    counts: list[int]


@dataclass(frozen=True)
class Histogram:
    """How many values lie between neighbouring edges.

    Attributes
    ----------
    edges
        One more than bins; the last bin includes its upper edge.
    counts
        Of each bin.
    """

    edges: list[float]
    counts: list[int]

    def to_dict(self) -> Bins:
        """Return the histogram as ``explore.json`` has it."""
        return {"edges": [float(f"{edge:.6g}") for edge in self.edges], "counts": self.counts}


class Grid(TypedDict):
    """How many pairs of values lie in each cell.

    ``edges`` are those of the first column and of the second; ``counts`` has a list of the second
    column's bins for each bin of the first.
    """

    edges: list[list[float]]
    counts: list[list[int]]


def bin_values(
    table: DataFrame,
    column: str,
    least: float,
    most: float,
    *,
    logarithmic: bool = False,
    bins: int = _BINS,
) -> Histogram:
    """Count a column's values in bins of equal width.

    Parameters
    ----------
    least, most
        Of the column's values; if they are equal, there is one bin.
    logarithmic
        Whether the bins are of equal width on a logarithmic scale; then ``least`` is above 0.
    """
    scale = math.log if logarithmic else float
    low, high = scale(least), scale(most)
    bins = bins if high > low else 1
    step = (high - low) / bins or 1.0
    value = F.log(column) if logarithmic else F.col(column)
    rows = table.groupBy(_bin(value, low, step, bins).alias("bin")).count().collect()
    counts = [0] * bins
    for row in rows:
        counts[int(row["bin"])] = int(row["count"])
    edges = [low + step * number for number in range(bins)] + [high]
    return Histogram([math.exp(edge) if logarithmic else edge for edge in edges], counts)


def bin_in_two(
    table: DataFrame,
    columns: tuple[str, str],
    most: tuple[float, float],
    bins: int = _BINS_A_SIDE,
) -> Grid:
    """Count pairs of values in a grid from 0 to the largest of each column."""
    steps = [value / bins or 1.0 for value in most]
    places = [
        _bin(F.col(name), 0.0, step, bins).alias(f"bin{number}")
        for number, (name, step) in enumerate(zip(columns, steps, strict=True))
    ]
    counts = [[0] * bins for _ in range(bins)]
    for row in table.groupBy(*places).count().collect():
        counts[int(row["bin0"])][int(row["bin1"])] = int(row["count"])
    edges = [[round(step * number, 4) for number in range(bins + 1)] for step in steps]
    return Grid(edges=edges, counts=counts)


def _bin(value: Column, low: float, step: float, bins: int) -> Column:
    # Rounding may put the least value just below the first bin; the largest is above the last.
    place = F.floor((value - F.lit(low)) / F.lit(step))
    return F.least(F.greatest(place, F.lit(0)), F.lit(bins - 1))
