"""Choose the photos that a report shows: a few of each kind, selected in Spark."""

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

__all__ = ["ChosenPhoto", "choose_photos", "choose_rejected"]

_TOP = 3  # classes whose probabilities are shown
_MOST_CLASSES = 12  # classes whose typical photos are shown: those with the most rows
_MARGIN, _PLACE, _RANKED = "margin", "place", "ranked"


@dataclass(frozen=True)
class ChosenPhoto:
    """A photo for a gallery.

    Attributes
    ----------
    image_id, uri
        The photo's name and place.
    label
        Its true class.
    probabilities
        The most probable classes with their probabilities, the predicted class first.
    """

    image_id: str
    uri: str | None
    label: str
    probabilities: tuple[tuple[str, float], ...]


def choose_photos(predictions: DataFrame, each: int) -> dict[str, tuple[list[ChosenPhoto], int]]:
    """Choose mistakes, uncertain and typical photos.

    Parameters
    ----------
    predictions
        ``image_id``, ``uri``, ``label``, ``predicted_label``, ``probability``, ``probabilities``
        (map), of the rows to choose from.
    each
        The number of photos of each kind. Typical photos are shared out among the classes, with at
        least one for each of up to 12 classes.

    Returns
    -------
    dict
        By kind, the photos and the number of rows that they were chosen from: ``mistakes`` (wrong,
        the most confident first), ``uncertain`` (the smallest lead over the second class first),
        ``typical`` (right, the most confident of each class first). Ties are broken by image id, so
        that repeated runs agree.
    """
    entries = F.map_entries("probabilities")
    ranked = F.reverse(F.array_sort(F.transform(entries, lambda e: F.struct(e.value, e.key))))
    rows = predictions.withColumn(_RANKED, ranked).withColumn(
        _MARGIN, F.get(_RANKED, F.lit(0)).value - F.get(_RANKED, F.lit(1)).value
    )
    wrong = F.col(LABEL) != F.col(PREDICTED_LABEL)
    most_confident = [F.desc(PROBABILITY), F.asc(IMAGE_ID)]
    return {
        "mistakes": _first(rows.where(wrong), most_confident, each),
        "uncertain": _first(rows, [F.asc(_MARGIN), F.asc(IMAGE_ID)], each),
        "typical": _typical(rows.where(~wrong), most_confident, each),
    }


def _first(rows: DataFrame, order: list[Column], most: int) -> tuple[list[ChosenPhoto], int]:
    return _collect(rows.orderBy(*order).limit(most)), rows.count()


def _typical(rows: DataFrame, order: list[Column], each: int) -> tuple[list[ChosenPhoto], int]:
    counts = rows.groupBy(LABEL).count().orderBy(F.desc("count"), LABEL)
    classes = [row[LABEL] for row in counts.limit(_MOST_CLASSES).collect()]
    if not classes or not each:
        return [], 0
    place = F.row_number().over(Window.partitionBy(LABEL).orderBy(*order))
    found = rows.where(F.col(LABEL).isin(classes)).withColumn(_PLACE, place)
    few = found.where(F.col(_PLACE) <= max(each // len(classes), 1))
    return _collect(few.orderBy(LABEL, _PLACE)), rows.count()


def _collect(rows: DataFrame) -> list[ChosenPhoto]:
    shown = rows.select(
        IMAGE_ID, URI, LABEL, F.slice(_RANKED, 1, _TOP).alias(_RANKED), PREDICTED_LABEL, PROBABILITY
    )
    return [
        ChosenPhoto(
            row[IMAGE_ID],
            row[URI],
            row[LABEL],
            # Among equal probabilities the predicted class comes first.
            tuple(
                sorted(
                    ((key, float(value)) for value, key in row[_RANKED]),
                    key=lambda one: (-one[1], one[0] != row[PREDICTED_LABEL]),
                )
            ),
        )
        for row in shown.collect()  # no more than the page shows
    ]


def choose_rejected(rejected: DataFrame, most: int) -> tuple[list[dict[str, str | None]], int]:
    """Choose rejected photos, some for every reason.

    Parameters
    ----------
    rejected
        ``image_id``, ``uri``, ``labels`` (array), ``reason``, ``error``.
    most
        The largest number of photos to choose.

    Returns
    -------
    photos : list of dict
        ``image_id``, ``uri``, ``labels`` (joined by commas) and ``error``.
    total : int
        The number of all rejected photos.
    """
    place = F.row_number().over(Window.partitionBy(REASON).orderBy(IMAGE_ID))
    few = rejected.withColumn(_PLACE, place).orderBy(_PLACE, REASON).limit(most)
    labels = F.array_join("labels", ", ").alias("labels")
    rows = few.orderBy(REASON, IMAGE_ID).select(IMAGE_ID, URI, labels, ERROR).collect()
    return [row.asDict() for row in rows], rejected.count()
