"""Which label rows are used: positive ones of the chosen classes, each image and class once."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, LABEL, MID, SPLIT
from sparkles.dataset.given_split import gather_parts
from sparkles.errors import LabelError
from sparkles.settings import LabelPolicy
from sparkles.sources.classes import LabelClass
from sparkles.sources.label_rows import KIND, OTHER_SOURCES, RowKind, count_as, mark_rows

__all__ = ["CLASS_ORDER", "select_labels"]

CLASS_ORDER = "class_order"  # int: the label's place among the chosen classes

_COUNTED_AS = "counted_as"
_OTHER_CLASSES = "other_classes"
_LEFT_OUT = (RowKind.MALFORMED, _OTHER_CLASSES, OTHER_SOURCES, RowKind.NEGATIVE, RowKind.UNSURE)


def select_labels(
    labels: DataFrame,
    classes: Sequence[LabelClass],
    policy: LabelPolicy,
    *,
    every_class: bool = True,
) -> tuple[DataFrame, dict[str, int]]:
    """Keep the positive rows of the chosen classes, each image and class once.

    Parameters
    ----------
    every_class
        Whether each of the classes must have a positive label, as training requires.

    Returns
    -------
    selected : DataFrame
        ``image_id``, ``label`` (display name), ``class_order``; unique by image and class. Also
        ``parts``, where the labels give a split; see :mod:`sparkles.dataset.given_split`.
    counts : dict
        ``read``, and its parts: ``malformed``, ``other_classes``, ``other_sources``,
        ``negative``, ``unsure``, ``duplicates`` and ``kept``; see
        :mod:`sparkles.sources.label_rows`.

    Raises
    ------
    LabelError
        If no row is left, or none of a class that must have one.
    """
    # A join, because an expression with a branch for each class takes minutes from a hundred on.
    named = mark_rows(labels, policy).join(
        F.broadcast(_class_table(labels.sparkSession, classes)), on=MID, how="left"
    )
    marked = named.withColumn(_COUNTED_AS, _count_as())
    groups = marked.groupBy(_COUNTED_AS).count().collect()
    counted = {row[_COUNTED_AS]: int(row["count"]) for row in groups}
    positive = marked.where(F.col(_COUNTED_AS) == RowKind.POSITIVE.value)
    columns = [IMAGE_ID, LABEL, CLASS_ORDER]
    if SPLIT in labels.columns:
        selected = gather_parts(positive.select(*columns, SPLIT))
    else:
        selected = positive.select(columns).distinct()
    by_class = {row[LABEL]: int(row["count"]) for row in selected.groupBy(LABEL).count().collect()}
    kept = sum(by_class.values())
    counts = {"read": sum(counted.values())}
    counts |= {str(word): counted.get(word, 0) for word in _LEFT_OUT}
    counts |= {"duplicates": counted.get(RowKind.POSITIVE, 0) - kept, "kept": kept}
    missing = [chosen.name for chosen in classes if chosen.name not in by_class]
    if missing and (every_class or not by_class):
        raise _no_positive_label(missing[0] if by_class else None, counts, policy)
    return selected, counts


def _count_as() -> Column:
    other = (F.col(KIND) != RowKind.MALFORMED.value) & F.col(LABEL).isNull()
    return F.when(other, _OTHER_CLASSES).otherwise(count_as())


def _class_table(spark: SparkSession, classes: Sequence[LabelClass]) -> DataFrame:
    """Return the classes as ``mid``, ``label``, ``class_order``; each key once.

    Unlike ``createDataFrame`` with a list, this needs no Python worker.
    """
    rows = [
        {MID: key, LABEL: chosen.name, CLASS_ORDER: place}
        for place, chosen in enumerate(classes)
        for key in chosen.keys
    ]
    kind = f"array<struct<{MID}: string, {LABEL}: string, {CLASS_ORDER}: int>>"
    return spark.sql(f"SELECT inline(from_json(:rows, '{kind}'))", args={"rows": json.dumps(rows)})


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
