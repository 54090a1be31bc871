"""Images with several of the chosen classes."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.choices import Ambiguous
from sparkles.dataset.selection import CLASSES_OF_IMAGE, PLACE, Selection

__all__ = ["resolve_ambiguity"]


def resolve_ambiguity(
    selected: Selection, policy: Ambiguous
) -> tuple[DataFrame, dict[str, int], dict[str, int]]:
    """Apply the policy to images with several classes. No query runs.

    Parameters
    ----------
    selected
        What :func:`~sparkles.dataset.selection.select_labels` returns.

    Returns
    -------
    resolved : DataFrame
        The rows that remain: ``image_id``, ``label``, ``class_order``, and ``parts`` where the
        labels give a split.
    label_rows : dict
        Those of the selection, with ``ambiguous`` and ``dropped_as_ambiguous``, which ``kept``
        no longer includes.
    images : dict
        ``with_chosen_class``, ``ambiguous``, ``dropped_as_ambiguous``, ``named``.
    """
    resolved, dropped, dropped_rows = selected.table, 0, 0
    if policy is Ambiguous.DROP:
        resolved = resolved.where(F.col(CLASSES_OF_IMAGE) == 1)
        dropped, dropped_rows = selected.ambiguous, selected.ambiguous_rows
    elif policy is Ambiguous.FIRST:
        resolved = resolved.where(F.col(PLACE) == 1)
        dropped_rows = selected.ambiguous_rows - selected.ambiguous
    label_rows = selected.label_rows | {
        "ambiguous": selected.ambiguous_rows,
        "dropped_as_ambiguous": dropped_rows,
        "kept": selected.label_rows["kept"] - dropped_rows,
    }
    images = {
        "with_chosen_class": selected.images,
        "ambiguous": selected.ambiguous,
        "dropped_as_ambiguous": dropped,
        "named": selected.images - dropped,
    }
    return resolved.drop(CLASSES_OF_IMAGE, PLACE), label_rows, images
