"""Which photos a report shows: a few of each kind, chosen in Spark."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from sparkles.columns import (
    ERROR,
    IMAGE_ID,
    LABEL,
    PREDICTED_LABEL,
    PROBABILITY,
    REASON,
    URI,
)

__all__ = ["Choice", "choose_photos", "choose_rejected"]

_TOP = 3  # classes whose probabilities are told
_MOST_CLASSES = 12  # whose typical photos are shown: those with the most rows
_MARGIN, _PLACE, _RANKED = "margin", "place", "ranked"


@dataclass(frozen=True)
class Choice:
    """A photo for a gallery.

    Attributes
    ----------
    image_id, uri
        Which.
    label
        Its true class.
    probabilities
        Of the most probable classes, the predicted one first.
    """

    image_id: str
    uri: str | None
    label: str
    probabilities: tuple[tuple[str, float], ...]


def choose_photos(predictions: DataFrame, each: int) -> dict[str, tuple[list[Choice], int]]:
    """Choose mistakes, doubts and typical photos.

    Parameters
    ----------
    predictions
        ``image_id``, ``uri``, ``label``, ``predicted_label``, ``probability``, ``probabilities``
        (map), of the rows to choose from.
    each
        Photos of a kind; of typical ones, of all classes together (but one a class at least, up
        to 12 classes).

    Returns
    -------
    dict
        By kind, the photos and the rows that they were chosen from: ``mistakes`` (wrong, the surest
        first), ``uncertain`` (the least ahead of the second class first), ``typical`` (right, the
        surest of each class first). Equal ones by image id, so that a run repeats.
    """
    entries = F.map_entries("probabilities")
    ranked = F.reverse(F.array_sort(F.transform(entries, lambda e: F.struct(e.value, e.key))))
    rows = predictions.withColumn(_RANKED, ranked).withColumn(
        _MARGIN, F.get(_RANKED, F.lit(0)).value - F.get(_RANKED, F.lit(1)).value
    )
    wrong = F.col(LABEL) != F.col(PREDICTED_LABEL)
    sure = [F.desc(PROBABILITY), F.asc(IMAGE_ID)]
    return {
        "mistakes": _first(rows.where(wrong), sure, each),
        "uncertain": _first(rows, [F.asc(_MARGIN), F.asc(IMAGE_ID)], each),
        "typical": _typical(rows.where(~wrong), sure, each),
    }


def _first(rows: DataFrame, order: list[Column], most: int) -> tuple[list[Choice], int]:
    return _choices(rows.orderBy(*order).limit(most)), rows.count()


def _typical(rows: DataFrame, sure: list[Column], each: int) -> tuple[list[Choice], int]:
    counts = rows.groupBy(LABEL).count().orderBy(F.desc("count"), LABEL)
    classes = [row[LABEL] for row in counts.limit(_MOST_CLASSES).collect()]
    if not classes or not each:
        return [], 0
    place = F.row_number().over(Window.partitionBy(LABEL).orderBy(*sure))
    found = rows.where(F.col(LABEL).isin(classes)).withColumn(_PLACE, place)
    few = found.where(F.col(_PLACE) <= max(each // len(classes), 1))
    return _choices(few.orderBy(LABEL, _PLACE)), rows.count()


def _choices(rows: DataFrame) -> list[Choice]:
    shown = rows.select(
        IMAGE_ID, URI, LABEL, F.slice(_RANKED, 1, _TOP).alias(_RANKED), PREDICTED_LABEL, PROBABILITY
    )
    return [
        Choice(
            row[IMAGE_ID],
            row[URI],
            row[LABEL],
            # Of equal probabilities the classifier's own choice stands first.
            tuple(
                sorted(
                    ((key, float(value)) for value, key in row[_RANKED]),
                    key=lambda one: (-one[1], one[0] != row[PREDICTED_LABEL]),
                )
            ),
        )
        for row in shown.collect()  # as few as the page shows
    ]


def choose_rejected(rejected: DataFrame, most: int) -> tuple[list[dict[str, str | None]], int]:
    """Choose rejected photos, of every reason some.

    Parameters
    ----------
    rejected
        ``image_id``, ``uri``, ``labels`` (array), ``reason``, ``error``.
    most
        How many.

    Returns
    -------
    photos : list of dict
        ``image_id``, ``uri``, ``labels`` (joined by commas) and ``error``.
    total : int
        All that were rejected.
    """
    place = F.row_number().over(Window.partitionBy(REASON).orderBy(IMAGE_ID))
    few = rejected.withColumn(_PLACE, place).orderBy(_PLACE, REASON).limit(most)
    labels = F.array_join("labels", ", ").alias("labels")
    rows = few.orderBy(REASON, IMAGE_ID).select(IMAGE_ID, URI, labels, ERROR).collect()
    return [row.asDict() for row in rows], rejected.count()
