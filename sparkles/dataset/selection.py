"""Which label rows are used: positive ones of the chosen classes, each image and class once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, LABEL, MID, SPLIT
from sparkles.dataset.given_split import PARTS, gather_parts
from sparkles.errors import LabelError
from sparkles.settings import LabelPolicy
from sparkles.sources.class_table import CLASS_ORDER, class_table
from sparkles.sources.classes import LabelClass
from sparkles.sources.label_rows import KIND, OTHER_SOURCES, RowKind, count_as, mark_rows

__all__ = ["CLASSES_OF_IMAGE", "PLACE", "Selection", "select_labels"]

CLASSES_OF_IMAGE = "classes_of_image"  # long: how many of the chosen classes the image has
PLACE = "place"  # int: the class's place among those of the image, from 1

_COUNTED_AS, _ROWS = "counted_as", "rows"
_OTHER_CLASSES = "other_classes"
_LEFT_OUT = (RowKind.MALFORMED, _OTHER_CLASSES, OTHER_SOURCES, RowKind.NEGATIVE, RowKind.UNSURE)


@dataclass(frozen=True)
class Selection:
    """The positive labels of the chosen classes, and what all label rows and images count as.

    Attributes
    ----------
    table
        ``image_id``, ``label`` (display name), ``class_order``, ``classes_of_image`` and
        ``place``; unique by image and class. Also ``parts``, where the labels give a split; see
        :mod:`sparkles.dataset.given_split`. It is cached.
    label_rows
        ``read``, and its parts: ``malformed``, ``other_classes``, ``other_sources``,
        ``negative``, ``unsure``, ``duplicates`` and ``kept``; see
        :mod:`sparkles.sources.label_rows`.
    images
        The images in the table.
    ambiguous
        Of these, the images of several classes.
    ambiguous_rows
        Their rows.
    """

    table: DataFrame
    label_rows: dict[str, int]
    images: int
    ambiguous: int
    ambiguous_rows: int


def select_labels(
    labels: DataFrame,
    classes: Sequence[LabelClass],
    policy: LabelPolicy,
    *,
    every_class: bool = True,
) -> Selection:
    """Keep the positive rows of the chosen classes, each image and class once.

    One query counts everything and fills the cache.

    Parameters
    ----------
    every_class
        Whether each of the classes must have a positive label, as training requires.

    Raises
    ------
    LabelError
        If no row is left, or none of a class that must have one.
    """
    classes_by_key = F.broadcast(class_table(labels.sparkSession, classes))
    named = mark_rows(labels, policy).join(classes_by_key, on=MID, how="left")
    pairs = _rank_classes(_pair(named.withColumn(_COUNTED_AS, _count_as()))).cache()
    several = F.col(CLASSES_OF_IMAGE) > 1
    counted = pairs.groupBy(_COUNTED_AS, LABEL).agg(
        F.sum(_ROWS).alias(_ROWS),
        F.count("*").alias("pairs"),
        F.count_if(F.col(PLACE) == 1).alias("images"),
        F.count_if(several & (F.col(PLACE) == 1)).alias("ambiguous"),
        F.count_if(several).alias("ambiguous_rows"),
    ).collect()  # fmt: skip
    positive = [row for row in counted if row[_COUNTED_AS] == RowKind.POSITIVE.value]
    rows = _count_rows(counted, positive)
    named_here = {row[LABEL] for row in positive}
    missing = [chosen.name for chosen in classes if chosen.name not in named_here]
    if missing and (every_class or not positive):
        pairs.unpersist()
        raise _no_positive_label(missing[0] if positive else None, rows, policy)
    table = pairs.where(F.col(_COUNTED_AS) == RowKind.POSITIVE.value).drop(_COUNTED_AS, _ROWS)
    totals = [
        sum(int(row[name]) for row in positive)
        for name in ("images", "ambiguous", "ambiguous_rows")
    ]
    return Selection(table, rows, *totals)


def _pair(marked: DataFrame) -> DataFrame:
    """Return each image and class of positive rows once; of other rows only how many there are."""
    positive = F.col(_COUNTED_AS) == RowKind.POSITIVE.value
    keys = [F.when(positive, F.col(name)).alias(name) for name in (IMAGE_ID, LABEL, CLASS_ORDER)]
    found = marked.groupBy(_COUNTED_AS, *keys)
    parts = [gather_parts(positive)] if SPLIT in marked.columns else []
    return found.agg(F.count("*").alias(_ROWS), *parts)


def _rank_classes(pairs: DataFrame) -> DataFrame:
    """Add what depends on all classes of an image."""
    image = Window.partitionBy(IMAGE_ID)
    parts = F.array_sort(F.array_distinct(F.flatten(F.collect_list(PARTS).over(image))))
    return pairs.select(
        _COUNTED_AS, IMAGE_ID, LABEL, CLASS_ORDER, _ROWS,
        *([parts.alias(PARTS)] if PARTS in pairs.columns else []),
        F.count("*").over(image).alias(CLASSES_OF_IMAGE),
        F.row_number().over(image.orderBy(CLASS_ORDER)).alias(PLACE),
    )  # fmt: skip


def _count_rows(counted: Sequence[Row], positive: Sequence[Row]) -> dict[str, int]:
    """Return the part of the ledger about label rows."""
    rows = dict.fromkeys(map(str, _LEFT_OUT), 0)
    for row in counted:
        if row[_COUNTED_AS] in rows:
            rows[row[_COUNTED_AS]] += int(row[_ROWS])
    kept = sum(int(row["pairs"]) for row in positive)
    found = sum(int(row[_ROWS]) for row in positive)
    read = sum(rows.values()) + found
    return {"read": read, **rows, "duplicates": found - kept, "kept": kept}


def _count_as() -> Column:
    other = (F.col(KIND) != RowKind.MALFORMED.value) & F.col(LABEL).isNull()
    return F.when(other, _OTHER_CLASSES).otherwise(count_as())


def _no_positive_label(
    missing: str | None, counts: dict[str, int], policy: LabelPolicy
) -> LabelError:
    what = f"the class {missing} has no positive label" if missing else "no positive label is left"
    positive = f"a Confidence of at least {policy.min_confidence:g}"
    if policy.sources:
        positive += f" and a Source among {', '.join(policy.sources)}"
    return LabelError(
        f"{what}: of {counts['read']:,} label rows, {counts['malformed']:,} are malformed, "
        f"{counts['other_classes']:,} name other classes, {counts['other_sources']:,} come from "
        f"other sources, {counts['negative']:,} are negative and {counts['unsure']:,} unsure. "
        f"A positive label has {positive}. Choose other classes, or change min_confidence or "
        "sources",
        settings=("classes", "min_confidence", "sources"),
    )
