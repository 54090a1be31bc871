"""Label rows told apart by what they say, counted, and gathered by image."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, SOURCE

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "ChosenClass",
    "Kind",
    "Trust",
    "count_rows",
    "describe_rows",
    "gather_images",
    "mark_rows",
]

POSITIVE = "positive"  # array<string>: the classes that an image has, by MID
NEGATIVE = "negative"  # array<string>: the classes that were looked for and are not in it
_KIND, _TRUSTED, _ROWS = "kind", "trusted", "rows"
_MOST_SOURCES = 50


class Kind(StrEnum):
    """What a label row says."""

    POSITIVE = "positive"  # Confidence of at least the least one
    NEGATIVE = "negative"  # Confidence 0: somebody looked, and it is not there
    UNSURE = "unsure"  # between: a machine's guess
    MALFORMED = "malformed"  # no image id, no class or no number


@dataclass(frozen=True)
class Trust:
    """Which labels are believed.

    Attributes
    ----------
    min_confidence
        The least ``Confidence`` of a positive label.
    sources
        The ``Source`` values that count; empty for all.
    """

    min_confidence: float = 1.0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChosenClass:
    """A class that the user asks about: its MID and what it is called."""

    mid: str
    name: str


def mark_rows(labels: DataFrame, trust: Trust) -> DataFrame:
    """Say of each label row what it says, and whether its source counts.

    Parameters
    ----------
    labels
        ``image_id``, ``source``, ``mid``, ``confidence``.

    Returns
    -------
    DataFrame
        ``image_id``, ``source``, ``mid``, ``kind`` (a value of :class:`Kind`), ``trusted`` boolean.
    """
    return labels.select(
        IMAGE_ID, SOURCE, MID, _kind(trust).alias(_KIND), _trusted(trust).alias(_TRUSTED)
    )


def _kind(trust: Trust) -> Column:
    # Spark's NaN is larger than every number; it must not pass for a positive label.
    no_number = F.col(CONFIDENCE).isNull() | F.isnan(CONFIDENCE)
    no_word = F.coalesce(F.col(IMAGE_ID) == "", F.lit(True)) | F.coalesce(
        F.col(MID) == "", F.lit(True)
    )
    return (
        F.when(no_number | no_word, Kind.MALFORMED.value)
        .when(F.col(CONFIDENCE) >= trust.min_confidence, Kind.POSITIVE.value)
        .when(F.col(CONFIDENCE) <= 0.0, Kind.NEGATIVE.value)
        .otherwise(Kind.UNSURE.value)
    )


def _trusted(trust: Trust) -> Column:
    if not trust.sources:
        return F.lit(True)
    return F.coalesce(F.col(SOURCE).isin(list(trust.sources)), F.lit(False))


def count_rows(rows: DataFrame) -> DataFrame:
    """Count marked rows: ``source``, ``kind``, ``trusted``, ``mid``, ``rows``.

    One row per class and source, whatever the number of images; ``mid`` is null for malformed rows.
    """
    mid = F.when(F.col(_KIND) != Kind.MALFORMED.value, F.col(MID)).alias(MID)
    return rows.groupBy(SOURCE, _KIND, _TRUSTED, mid).agg(F.count("*").alias(_ROWS))


def gather_images(rows: DataFrame) -> DataFrame:
    """Gather the trusted rows by image, each class once.

    Returns
    -------
    DataFrame
        ``image_id``, ``positive`` array<string>, ``negative`` array<string>; one row per image
        that a trusted row names. Lazy: write it before reading it twice.
    """
    useful = rows.where(F.col(_TRUSTED) & (F.col(_KIND) != Kind.MALFORMED.value))
    # Sets, not lists: they stay as small as an image's classes, however often a row is repeated.
    return useful.groupBy(IMAGE_ID).agg(
        _classes_of(Kind.POSITIVE).alias(POSITIVE), _classes_of(Kind.NEGATIVE).alias(NEGATIVE)
    )


def _classes_of(kind: Kind) -> Column:
    return F.collect_set(F.when(F.col(_KIND) == kind.value, F.col(MID)))


def describe_rows(counts: DataFrame) -> dict[str, Any]:
    """Rows by what they say, classes and sources.

    Parameters
    ----------
    counts
        What :func:`count_rows` gives, stored.

    Returns
    -------
    dict
        ``rows``: ``read``, and its parts ``positive``, ``negative``, ``unsure``,
        ``other_sources`` and ``malformed``; ``classes``: different ones ``named``, ``positive``
        and ``negative``, by trusted rows; ``sources``: a list, most rows first.
    """
    malformed = F.col(_KIND) == Kind.MALFORMED.value
    fate = F.when(~F.col(_TRUSTED) & ~malformed, "other_sources").otherwise(F.col(_KIND))
    found = counts.groupBy(fate.alias("fate")).agg(F.sum(_ROWS).alias(_ROWS)).collect()
    by_fate = {row["fate"]: int(row[_ROWS]) for row in found}
    rows = {"read": sum(by_fate.values())}
    kinds = (Kind.POSITIVE, Kind.NEGATIVE, Kind.UNSURE, "other_sources", Kind.MALFORMED)
    rows |= {str(kind): by_fate.get(str(kind), 0) for kind in kinds}
    return {"rows": rows, "classes": _count_classes(counts), "sources": _list_sources(counts)}


def _count_classes(counts: DataFrame) -> dict[str, int]:
    def classes(kind: Kind) -> Column:
        return F.count_distinct(F.when(F.col(_KIND) == kind.value, F.col(MID))).alias(kind.value)

    trusted = counts.where(F.col(_TRUSTED))
    named = F.count_distinct(MID).alias("named")
    row = trusted.agg(named, classes(Kind.POSITIVE), classes(Kind.NEGATIVE)).collect()[0]
    return {name: int(row[name]) for name in ("named", "positive", "negative")}


def _list_sources(counts: DataFrame) -> list[dict[str, Any]]:
    kinds = [kind.value for kind in Kind]
    sums = [
        F.coalesce(F.sum(F.when(F.col(_KIND) == kind, F.col(_ROWS))), F.lit(0)).alias(kind)
        for kind in kinds
    ]
    table = counts.groupBy(SOURCE, _TRUSTED).agg(F.sum(_ROWS).alias(_ROWS), *sums)
    # A damaged file may have as many sources as rows; people look at the first few.
    first = table.orderBy(F.desc(_ROWS), SOURCE).limit(_MOST_SOURCES).collect()
    return [
        {"source": row[SOURCE], "counts": bool(row[_TRUSTED]), "rows": int(row[_ROWS])}
        | {kind: int(row[kind]) for kind in kinds}
        for row in first
    ]
