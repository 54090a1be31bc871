"""Label rows counted by what they state, and gathered by image."""

from __future__ import annotations

from typing import TypedDict

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, MID, SOURCE
from sparkles.sources.label_rows import KIND, OTHER_SOURCES, TRUSTED, RowKind, count_as

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "ClassTotals",
    "RowCensus",
    "RowTotals",
    "SourceCount",
    "count_rows",
    "describe_rows",
    "gather_images",
]

POSITIVE = "positive"  # array<string>: the MIDs of the classes that are in an image
NEGATIVE = "negative"  # array<string>: the MIDs of the classes that are verified not to be in it
_ROWS = "rows"
_MOST_SOURCES = 50


class RowTotals(TypedDict):
    """Rows by the words of :mod:`sparkles.sources.label_rows`; they add up to ``read``."""

    read: int
    positive: int
    negative: int
    unsure: int
    other_sources: int
    malformed: int


class ClassTotals(TypedDict):
    """How many different classes the rows of counted sources name, as positive and as negative."""

    named: int
    positive: int
    negative: int


class SourceCount(TypedDict):
    """The rows of one source, in all and by what they state, and whether the source counts."""

    source: str | None
    counts: bool
    rows: int
    positive: int
    negative: int
    unsure: int
    malformed: int


class RowCensus(TypedDict):
    """The rows, their classes and their sources; the source with the most rows comes first."""

    rows: RowTotals
    classes: ClassTotals
    sources: list[SourceCount]


def count_rows(rows: DataFrame) -> DataFrame:
    """Count marked rows by class and source.

    Parameters
    ----------
    rows
        What :func:`~sparkles.sources.label_rows.mark_rows` returns.

    Returns
    -------
    DataFrame
        ``source``, ``kind``, ``trusted``, ``mid``, ``rows``: one row per class and source,
        whatever the number of images; ``mid`` is null for malformed rows.
    """
    mid = F.when(F.col(KIND) != RowKind.MALFORMED.value, F.col(MID)).alias(MID)
    return rows.groupBy(SOURCE, KIND, TRUSTED, mid).agg(F.count("*").alias(_ROWS))


def gather_images(rows: DataFrame) -> DataFrame:
    """Gather the marked rows of counted sources by image, each class once.

    Returns
    -------
    DataFrame
        ``image_id``, ``positive`` array<string>, ``negative`` array<string>; one row per image
        that such a row names. Lazy: write it before reading it twice.
    """
    useful = rows.where(F.col(TRUSTED) & (F.col(KIND) != RowKind.MALFORMED.value))
    # Sets, not lists: they stay as small as an image's classes, however often a row is repeated.
    return useful.groupBy(IMAGE_ID).agg(
        _classes_of(RowKind.POSITIVE).alias(POSITIVE), _classes_of(RowKind.NEGATIVE).alias(NEGATIVE)
    )


def _classes_of(kind: RowKind) -> Column:
    return F.collect_set(F.when(F.col(KIND) == kind.value, F.col(MID)))


def describe_rows(counts: DataFrame) -> RowCensus:
    """Sum up the counts of rows.

    Parameters
    ----------
    counts
        What :func:`count_rows` returns, stored.
    """
    found = counts.groupBy(count_as().alias("word")).agg(F.sum(_ROWS).alias(_ROWS)).collect()
    by_word = {row["word"]: int(row[_ROWS]) for row in found}
    rows = RowTotals(
        read=sum(by_word.values()),
        positive=by_word.get(RowKind.POSITIVE, 0),
        negative=by_word.get(RowKind.NEGATIVE, 0),
        unsure=by_word.get(RowKind.UNSURE, 0),
        other_sources=by_word.get(OTHER_SOURCES, 0),
        malformed=by_word.get(RowKind.MALFORMED, 0),
    )
    return RowCensus(rows=rows, classes=_count_classes(counts), sources=_list_sources(counts))


def _count_classes(counts: DataFrame) -> ClassTotals:
    def classes(kind: RowKind) -> Column:
        return F.count_distinct(F.when(F.col(KIND) == kind.value, F.col(MID))).alias(kind.value)

    trusted = counts.where(F.col(TRUSTED))
    named = F.count_distinct(MID).alias("named")
    row = trusted.agg(named, classes(RowKind.POSITIVE), classes(RowKind.NEGATIVE)).collect()[0]
    return ClassTotals(
        named=int(row["named"]), positive=int(row["positive"]), negative=int(row["negative"])
    )


def _list_sources(counts: DataFrame) -> list[SourceCount]:
    sums = [
        F.coalesce(F.sum(F.when(F.col(KIND) == kind.value, F.col(_ROWS))), F.lit(0)).alias(kind)
        for kind in RowKind
    ]
    table = counts.groupBy(SOURCE, TRUSTED).agg(F.sum(_ROWS).alias(_ROWS), *sums)
    # A damaged file may have as many sources as rows; people look at the first few.
    first = table.orderBy(F.desc(_ROWS), SOURCE).limit(_MOST_SOURCES).collect()
    return [
        SourceCount(
            source=row[SOURCE],
            counts=bool(row[TRUSTED]),
            rows=int(row[_ROWS]),
            positive=int(row["positive"]),
            negative=int(row["negative"]),
            unsure=int(row["unsure"]),
            malformed=int(row["malformed"]),
        )
        for row in first
    ]
