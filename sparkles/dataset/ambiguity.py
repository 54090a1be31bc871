"""Images with several of the chosen classes."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from sparkles.choices import Ambiguous
from sparkles.columns import IMAGE_ID
from sparkles.dataset.selection import CLASS_ORDER

__all__ = ["resolve_ambiguity"]

_CLASSES = "classes_of_image"


def resolve_ambiguity(selected: DataFrame, policy: Ambiguous) -> tuple[DataFrame, dict[str, int]]:
    """Apply the policy to images with several classes, and count them.

    Parameters
    ----------
    selected
        What :func:`~sparkles.dataset.selection.select_labels` returns.

    Returns
    -------
    resolved : DataFrame
        The rows that remain, with the columns of ``selected``.
    counts : dict
        Of images: ``with_chosen_class``, ``ambiguous``, ``dropped_as_ambiguous``, ``named``. Of
        label rows: ``ambiguous_label_rows``, ``dropped_label_rows``.
    """
    counted = selected.withColumn(_CLASSES, F.count("*").over(Window.partitionBy(IMAGE_ID)))
    images = selected.groupBy(IMAGE_ID).agg(F.count("*").alias(_CLASSES))
    several = F.col(_CLASSES) > 1
    row = images.agg(
        F.count("*").alias("images"),
        F.count(F.when(several, 1)).alias("ambiguous"),
        F.coalesce(F.sum(F.when(several, F.col(_CLASSES))), F.lit(0)).alias("rows"),
    ).collect()[0]
    total, ambiguous, rows = (int(row[name]) for name in ("images", "ambiguous", "rows"))
    if policy is Ambiguous.DROP:
        resolved = counted.where(~several)
        dropped, dropped_rows = ambiguous, rows
    elif policy is Ambiguous.FIRST:
        place = F.row_number().over(Window.partitionBy(IMAGE_ID).orderBy(CLASS_ORDER))
        resolved = counted.withColumn("place", place).where(F.col("place") == 1)
        dropped, dropped_rows = 0, rows - ambiguous
    else:
        resolved, dropped, dropped_rows = counted, 0, 0
    return resolved.select(selected.columns), {
        "with_chosen_class": total,
        "ambiguous": ambiguous,
        "dropped_as_ambiguous": dropped,
        "named": total - dropped,
        "ambiguous_label_rows": rows,
        "dropped_label_rows": dropped_rows,
    }
