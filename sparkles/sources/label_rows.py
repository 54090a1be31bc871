"""What a label row states: one definition for a run's ledger and for the exploration.

Each row is counted under the first of these words that fits:

1. ``malformed``: the image id or the class is null or empty, or the confidence is not
   a number from 0 to 1.
   The source does not matter, because such a row states nothing.
2. ``other_sources``: the policy does not count the row's source, so whatever it states is ignored.
3. ``positive``: the confidence is at least ``min_confidence``.
4. ``negative``: the confidence is 0. The class was looked for and is not in the image.
5. ``unsure``: the confidence lies between 0 and ``min_confidence``, as a machine's guess may.

A source therefore outranks a confidence: of a source that does not count, neither positive nor
negative rows are used. The ledger splits further. Between 1 and 2 it counts rows of
``other_classes``; positive rows it divides into ``duplicates``, ``dropped_as_ambiguous`` and
``kept``. On the rows of the chosen classes, ``ledger.json`` and ``explore.json`` have the same
counts.
"""

from __future__ import annotations

from enum import StrEnum

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, SOURCE, SPLIT
from sparkles.ranges import FRACTION
from sparkles.settings import LabelPolicy

__all__ = ["KIND", "OTHER_SOURCES", "TRUSTED", "RowKind", "count_as", "mark_rows"]

KIND = "kind"  # string: a value of RowKind
TRUSTED = "trusted"  # boolean: whether the row's source counts
OTHER_SOURCES = "other_sources"


class RowKind(StrEnum):
    """What a label row states, whatever its source."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNSURE = "unsure"
    MALFORMED = "malformed"


def mark_rows(labels: DataFrame, policy: LabelPolicy) -> DataFrame:
    """Add to each label row what it states and whether its source counts.

    Parameters
    ----------
    labels
        ``image_id``, ``source``, ``mid``, ``confidence``, and optionally ``split``.

    Returns
    -------
    DataFrame
        ``image_id``, ``source``, ``mid``, ``kind`` (a value of :class:`RowKind`), ``trusted``
        boolean, and ``split`` where the labels have it.
    """
    split = [SPLIT] if SPLIT in labels.columns else []
    kind, trusted = _kind(policy).alias(KIND), _trusted(policy).alias(TRUSTED)
    return labels.select(IMAGE_ID, SOURCE, MID, *split, kind, trusted)


def _kind(policy: LabelPolicy) -> Column:
    # Percentages, infinities and NaN, which is Spark's largest number, are no positive labels.
    confidence = F.col(CONFIDENCE)
    no_number = confidence.isNull() | ~confidence.between(FRACTION.least, FRACTION.most)
    return (
        F.when(_is_empty(IMAGE_ID) | _is_empty(MID) | no_number, RowKind.MALFORMED.value)
        .when(F.col(CONFIDENCE) >= policy.min_confidence, RowKind.POSITIVE.value)
        .when(F.col(CONFIDENCE) <= 0.0, RowKind.NEGATIVE.value)
        .otherwise(RowKind.UNSURE.value)
    )


def _is_empty(column: str) -> Column:
    return F.coalesce(F.col(column) == "", F.lit(True))


def _trusted(policy: LabelPolicy) -> Column:
    if not policy.sources:
        return F.lit(True)
    return F.coalesce(F.col(SOURCE).isin(list(policy.sources)), F.lit(False))


def count_as() -> Column:
    """Return the word that a marked row is counted under: a :class:`RowKind` or ``other_sources``.

    It reads the columns that :func:`mark_rows` adds.
    """
    ignored = ~F.col(TRUSTED) & (F.col(KIND) != RowKind.MALFORMED.value)
    return F.when(ignored, OTHER_SOURCES).otherwise(F.col(KIND))
