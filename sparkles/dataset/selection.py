"""Which label rows count: positive, of the chosen classes and sources, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import CONFIDENCE, IMAGE_ID, LABEL, MID, SOURCE
from sparkles.errors import LabelError
from sparkles.sources.classes import LabelClass

__all__ = ["CLASS_ORDER", "LabelPolicy", "select_labels"]

CLASS_ORDER = "class_order"  # int: the label's place among the chosen classes

_POSITIVE = "positive"


@dataclass(frozen=True)
class LabelPolicy:
    """Which labels are believed.

    Attributes
    ----------
    min_confidence
        The least ``Confidence`` of a positive label; human-verified ones have 1.
    sources
        The ``Source`` values that count; empty for all.
    every_class
        Whether each chosen class must have a positive label, as training needs it.
    """

    min_confidence: float = 1.0
    sources: tuple[str, ...] = ()
    every_class: bool = True


def select_labels(
    labels: DataFrame, classes: Sequence[LabelClass], policy: LabelPolicy
) -> tuple[DataFrame, dict[str, int]]:
    """Keep the positive rows of the chosen classes, each image and class once.

    Returns
    -------
    selected : DataFrame
        ``image_id``, ``label`` (display name), ``class_order``; unique by image and class.
    counts : dict
        ``read``, and what became of the rows: ``malformed``, ``other_classes``, ``negative``,
        ``other_sources``, ``duplicates``, ``kept``. They add up to ``read``.

    Raises
    ------
    LabelError
        If no row is left, or none of a class that must have one.
    """
    fates = labels.withColumn("fate", _fate(classes, policy))
    counted = {row["fate"]: int(row["count"]) for row in fates.groupBy("fate").count().collect()}
    positive = fates.where(F.col("fate") == _POSITIVE)
    selected = positive.select(IMAGE_ID, *_class_columns(classes)).distinct()
    by_class = {row[LABEL]: int(row["count"]) for row in selected.groupBy(LABEL).count().collect()}
    kept = sum(by_class.values())
    counts = {"read": sum(counted.values())}
    counts |= {
        fate: counted.get(fate, 0)
        for fate in ("malformed", "other_classes", "negative", "other_sources")
    }
    counts |= {"duplicates": counted.get(_POSITIVE, 0) - kept, "kept": kept}
    _check_learnable(counts, by_class, classes, policy)
    return selected, counts


def _fate(classes: Sequence[LabelClass], policy: LabelPolicy) -> Column:
    # Spark's NaN is larger than every number; it must not pass for a positive label.
    no_number = F.col(CONFIDENCE).isNull() | F.isnan(CONFIDENCE)
    malformed = F.col(IMAGE_ID).isNull() | F.col(MID).isNull() | no_number
    fate = (
        F.when(malformed | (F.col(IMAGE_ID) == ""), "malformed")
        .when(~F.col(MID).isin([chosen.mid for chosen in classes]), "other_classes")
        .when(F.col(CONFIDENCE) < policy.min_confidence, "negative")
    )
    if policy.sources:
        trusted = F.coalesce(F.col(SOURCE).isin(list(policy.sources)), F.lit(False))
        fate = fate.when(~trusted, "other_sources")
    return fate.otherwise(_POSITIVE)


def _class_columns(classes: Sequence[LabelClass]) -> list[Column]:
    name, order = F.lit(None).cast("string"), F.lit(None).cast("int")
    for place, chosen in enumerate(classes):
        name = F.when(F.col(MID) == chosen.mid, F.lit(chosen.name)).otherwise(name)
        order = F.when(F.col(MID) == chosen.mid, F.lit(place)).otherwise(order)
    return [name.alias(LABEL), order.alias(CLASS_ORDER)]


def _check_learnable(
    counts: dict[str, int],
    by_class: dict[str, int],
    classes: Sequence[LabelClass],
    policy: LabelPolicy,
) -> None:
    missing = [chosen.name for chosen in classes if chosen.name not in by_class]
    if not missing or (by_class and not policy.every_class):
        return
    trust = f"Confidence of at least {policy.min_confidence:g}"
    if policy.sources:
        trust += f" and a Source among {', '.join(policy.sources)}"
    what = "no positive label is left" if not by_class else f"no positive label of {missing[0]}"
    raise LabelError(
        f"{what}: of {counts['read']:,} label rows, {counts['other_classes']:,} name other "
        f"classes, {counts['negative']:,} are below the confidence, {counts['other_sources']:,} "
        f"come from other sources, {counts['malformed']:,} are malformed; "
        f"positive means {trust}. Choose other --classes, --min-confidence or --sources"
    )
