"""Photos by their headers, summed up in Spark."""

from __future__ import annotations

from typing import TypedDict

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from sparkles.columns import REASON
from sparkles.exploration.histogram import Bins, Grid, bin_in_two, bin_values

__all__ = ["Histograms", "MeasuredPhotos", "PhotoFacts", "Quantiles", "describe_photos"]

_SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95)
_MOST = 20
_ASPECTS = 41  # bins: an odd number, so that one is in the middle


class Quantiles(TypedDict):
    """Spark's approximate quantiles of a measure, with its exact maximum and mean."""

    least: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    most: float
    mean: float


Histograms = TypedDict(
    "Histograms",
    {
        "width": Bins,
        "height": Bins,
        "megapixels": Bins,
        "aspect": Bins,
        "bytes": Bins,
        "width by height": Grid,
    },
)


class MeasuredPhotos(TypedDict):
    """Quantiles and histograms of photos with a readable header.

    Of ``width``, ``height``, ``megapixels``, ``aspect`` (width by height) and ``bytes``.
    """

    quantiles: dict[str, Quantiles]
    histograms: Histograms


class PhotoFacts(TypedDict):
    """Photos by their headers, as ``explore.json`` has them.

    ``reasons`` counts photos by why they are not readable, ``channels`` by number and Pillow's
    mode; ``sizes`` are width x height, the most frequent ones. ``quantiles`` and ``histograms``,
    those of :class:`MeasuredPhotos`, are ``None`` where no photo is readable.
    """

    asked: int
    readable: int
    reasons: dict[str, int]
    formats: dict[str, int]
    channels: dict[str, int]
    sizes: dict[str, int]
    quantiles: dict[str, Quantiles] | None
    histograms: Histograms | None


def describe_photos(headers: DataFrame) -> PhotoFacts:
    """Sum up headers in Spark.

    Parameters
    ----------
    headers
        What :func:`~sparkles.exploration.photos.read_headers` returns, stored.
    """
    good = headers.where(F.col(REASON).isNull())
    reason = F.coalesce(REASON, F.lit(""))
    reasons = _count_by(reason, headers)
    readable = reasons.pop("", 0)
    size = F.concat(F.col("width"), F.lit(" x "), F.col("height"))
    channels = F.concat(F.col("channels"), F.lit(" ("), F.col("mode"), F.lit(")"))
    facts: PhotoFacts = {
        "asked": readable + sum(reasons.values()),
        "readable": readable,
        "reasons": reasons,
        "formats": _count_by(F.col("format"), good),
        "channels": _count_by(channels, good),
        "sizes": _count_by(size, good),
        "quantiles": None,
        "histograms": None,
    }
    if readable:
        measured = _measured(good)
        quantiles = _quantiles(measured)
        facts["quantiles"], facts["histograms"] = quantiles, _histograms(measured, quantiles)
    return facts


def _count_by(value: Column, table: DataFrame) -> dict[str, int]:
    """Count rows by the most frequent values."""
    counts = table.groupBy(value.alias("value")).count()
    rows = counts.orderBy(F.desc("count"), "value").limit(_MOST).collect()
    return {row["value"]: int(row["count"]) for row in rows}


def _measured(good: DataFrame) -> DataFrame:
    width, height = F.col("width").cast("double"), F.col("height").cast("double")
    return good.select(
        width.alias("width"),
        height.alias("height"),
        (width * height / 1e6).alias("megapixels"),
        (width / height).alias("aspect"),
        F.col("bytes").cast("double").alias("bytes"),
    )


def _quantiles(measured: DataFrame) -> dict[str, Quantiles]:
    sums = [
        F.struct(
            F.percentile_approx(name, list(_SHARES), 10_000).alias("low"),
            F.max(name).alias("most"),
            F.mean(name).alias("mean"),
        ).alias(name)
        for name in measured.columns
    ]
    row = measured.agg(*sums).collect()[0]
    return {name: _quantiles_of(row[name]) for name in measured.columns}


def _quantiles_of(found: Row) -> Quantiles:
    least, p5, p25, median, p75, p95 = map(float, found["low"])
    return {
        "least": least,
        "p5": p5,
        "p25": p25,
        "median": median,
        "p75": p75,
        "p95": p95,
        "most": float(found["most"]),
        "mean": float(found["mean"]),
    }


def _histograms(measured: DataFrame, quantiles: dict[str, Quantiles]) -> Histograms:
    def bins(name: str, *, logarithmic: bool = False) -> Bins:
        ends = quantiles[name]["least"], quantiles[name]["most"]
        return bin_values(measured, name, *ends, logarithmic=logarithmic).to_dict()

    largest = quantiles["width"]["most"], quantiles["height"]["most"]
    return {
        "width": bins("width"),
        "height": bins("height"),
        "megapixels": bins("megapixels"),
        "aspect": _bin_aspects(measured, quantiles["aspect"]),
        "bytes": bins("bytes", logarithmic=True),
        "width by height": bin_in_two(measured, ("width", "height"), largest),
    }


def _bin_aspects(measured: DataFrame, found: Quantiles) -> Bins:
    """Put 1 in the middle of a bin, so that square photos are neither upright nor wide."""
    reach = max(found["most"], 1 / found["least"])
    bins = bin_values(measured, "aspect", 1 / reach, reach, logarithmic=True, bins=_ASPECTS)
    return bins.to_dict()
