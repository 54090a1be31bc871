"""The headers of many photos, read by the workers, and what they sum up to."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.choices import Reason
from sparkles.columns import ERROR, IMAGE_ID, REASON, URI
from sparkles.errors import PhotoError
from sparkles.exploration.histogram import Histogram, bin_in_two, bin_values
from sparkles.imaging.attempt import attempt
from sparkles.imaging.header import Header, read_header
from sparkles.spark.photo_tables import spread_photos
from sparkles.storage import DEFAULT_S3, S3Options

__all__ = ["describe_photos", "read_headers"]

_READERS = 8  # files that a worker reads at the same time; they wait for the storage
_SCHEMA = (
    "image_id string, uri string, format string, width int, height int, channels int, "
    "mode string, bytes long, reason string, error string"
)
_TOLD = [*(field.name for field in fields(Header)), REASON, ERROR]  # the schema's, but for two
_QUANTILES = {"least": 0.0, "p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
_MOST = 20
_ASPECTS = 41  # an odd number of bins


def read_headers(
    photos: DataFrame, count: int, s3: S3Options = DEFAULT_S3, done: Any = None
) -> DataFrame:
    """Read the header of every photo; where that fails, the row has a reason.

    Parameters
    ----------
    photos
        ``image_id``, ``uri``; a null ``uri`` is a missing photo.
    count
        How many, to cut the work into tasks.
    done
        An accumulator that workers add photos to.

    Returns
    -------
    DataFrame
        ``image_id``, ``uri``, ``format`` string, ``width`` int, ``height`` int, ``channels`` int,
        ``mode`` string, ``bytes`` long (these null for a bad photo), ``reason`` and ``error``
        string (these null for a good one). Lazy: write it before reading it twice.
    """

    def read_batches(batches: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
        with ThreadPoolExecutor(_READERS, thread_name_prefix="sparkles-header") as readers:
            for batch in batches:
                found = list(readers.map(lambda uri: _row_of(uri, s3), batch[URI]))
                table = pd.DataFrame(found, columns=_TOLD, dtype=object)
                table.insert(0, IMAGE_ID, batch[IMAGE_ID].to_numpy())
                table.insert(1, URI, batch[URI].to_numpy())
                if done is not None:
                    done.add(len(batch))
                yield table

    return spread_photos(photos.select(IMAGE_ID, URI), count).mapInPandas(read_batches, _SCHEMA)


def _row_of(uri: str | None, s3: S3Options) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(_TOLD)
    header = attempt(lambda: _header_of(uri, s3))
    if isinstance(header, PhotoError):
        return row | {REASON: str(header.reason), ERROR: header.detail}
    return row | vars(header)


def _header_of(uri: str | None, s3: S3Options) -> Header:
    if not uri:
        raise PhotoError(Reason.NO_PHOTO, "no photo has this image's name")
    return read_header(uri, s3)


def describe_photos(headers: DataFrame) -> dict[str, Any]:
    """Sum up headers in Spark.

    Parameters
    ----------
    headers
        What :func:`read_headers` gives, stored.

    Returns
    -------
    dict
        ``asked``, ``readable``, ``reasons`` (photos by why they are not); ``formats``,
        ``channels`` (by number and Pillow's mode) and ``sizes`` (width x height, the most
        frequent), each with its photos; and, null where none is readable, ``quantiles`` and
        ``histograms`` of ``width``, ``height``, ``megapixels``, ``aspect`` (width by height) and
        ``bytes``.
    """
    good = headers.where(F.col(REASON).isNull())
    reason = F.coalesce(REASON, F.lit(""))
    reasons = {row["value"]: int(row["count"]) for row in _most(headers, reason)}
    readable = reasons.pop("", 0)
    size = F.concat(F.col("width"), F.lit(" x "), F.col("height"))
    channels = F.concat(F.col("channels"), F.lit(" ("), F.col("mode"), F.lit(")"))
    facts: dict[str, Any] = {
        "asked": readable + sum(reasons.values()),
        "readable": readable,
        "reasons": reasons,
        "formats": {row["value"]: int(row["count"]) for row in _most(good, F.col("format"))},
        "channels": {row["value"]: int(row["count"]) for row in _most(good, channels)},
        "sizes": {row["value"]: int(row["count"]) for row in _most(good, size)},
        "quantiles": None,
        "histograms": None,
    }
    if readable:
        measured = _measured(good)
        facts["quantiles"] = _quantiles(measured)
        facts["histograms"] = _histograms(measured, facts["quantiles"])
    return facts


def _most(table: DataFrame, column: Any) -> list[Any]:
    counts = table.groupBy(column.alias("value")).count()
    return counts.orderBy(F.desc("count"), "value").limit(_MOST).collect()


def _measured(good: DataFrame) -> DataFrame:
    width, height = F.col("width").cast("double"), F.col("height").cast("double")
    return good.select(
        width.alias("width"),
        height.alias("height"),
        (width * height / 1e6).alias("megapixels"),
        (width / height).alias("aspect"),
        F.col("bytes").cast("double").alias("bytes"),
    )


def _quantiles(measured: DataFrame) -> dict[str, dict[str, float]]:
    shares = list(_QUANTILES.values())
    sums = [
        F.struct(
            F.percentile_approx(name, shares, 10_000).alias("low"),
            F.max(name).alias("most"),
            F.mean(name).alias("mean"),
        ).alias(name)
        for name in measured.columns
    ]
    row = measured.agg(*sums).collect()[0]
    found: dict[str, dict[str, float]] = {}
    for name in measured.columns:
        found[name] = dict(zip(_QUANTILES, map(float, row[name]["low"]), strict=True))
        found[name] |= {end: float(row[name][end]) for end in ("most", "mean")}
    return found


def _histograms(measured: DataFrame, quantiles: dict[str, dict[str, float]]) -> dict[str, Any]:
    def ends(name: str) -> tuple[float, float]:
        return quantiles[name]["least"], quantiles[name]["most"]

    bins = {
        name: bin_values(measured, name, *ends(name), logarithmic=name == "bytes")
        for name in measured.columns
        if name != "aspect"
    }
    bins["aspect"] = _bin_aspects(measured, *ends("aspect"))
    found: dict[str, Any] = {name: histogram.to_dict() for name, histogram in bins.items()}
    most = (quantiles["width"]["most"], quantiles["height"]["most"])
    found["width by height"] = bin_in_two(measured, ("width", "height"), most)
    return found


def _bin_aspects(measured: DataFrame, least: float, most: float) -> Histogram:
    """Bins on both sides of 1, which is in the middle of one: square photos are no upright ones."""
    reach = max(most, 1 / least)
    return bin_values(measured, "aspect", 1 / reach, reach, logarithmic=True, bins=_ASPECTS)
