"""ROC and precision-recall curves from counted predictions, thinned for figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyspark.sql import DataFrame

from sparkles.evaluation.confidence import measure_calibration, measure_thresholds
from sparkles.evaluation.measures import headline_classes, outcomes_of
from sparkles.evaluation.tables import FloatArray, Tally
from sparkles.run_files import ClassCurves, Curves

__all__ = ["MOST_POINTS", "measure_curves", "trace_curves"]

MOST_CLASSES = 1_000
MOST_POINTS = 200  # per curve; two neighbours are at most a hundredth of the curve apart


def measure_curves(predictions: DataFrame, tally: Tally) -> Curves:
    """Compute the data for all figures of an evaluation.

    Parameters
    ----------
    predictions
        The predictions that `tally` was counted from; Spark reads them twice more.
    tally
        The result of :func:`~sparkles.evaluation.count_predictions`.
    """
    thresholds, coverage = measure_thresholds(predictions, tally.labels)
    return {
        "classes": trace_curves(tally),
        "calibration": measure_calibration(predictions),
        "thresholds": thresholds,
        "coverage": coverage,
    }


def trace_curves(tally: Tally) -> list[ClassCurves]:
    """Trace the curves of each class against the rest; of two classes, only the one of index 1.

    Of more than 1,000 classes, only the 1,000 with the most rows have curves.

    Parameters
    ----------
    tally
        The result of :func:`~sparkles.evaluation.count_predictions`.

    Returns
    -------
    list of ClassCurves
        ``roc``: (false positive rate, true positive rate) from (0, 0) to (1, 1), with a corner at
        each distinct score. ``pr``: (recall, precision) by increasing recall, starting at the
        highest score. A class of all rows or of none has no ROC curve, and a class of no rows has
        no curve at all; their lists are empty.

    Examples
    --------
    >>> counts, scores = np.array([1, 1, 1]), np.array([0.9, 0.4, 0.2])
    >>> tally = Tally.of_rows(
    ...     ["Car", "Dog"], np.array([1, 0, 1]), np.array([1, 0, 0]),
    ...     np.stack([-scores, scores], axis=1), np.zeros(3), counts)
    >>> (dog,) = trace_curves(tally)
    >>> dog["roc"]
    [[0.0, 0.0], [0.0, 0.5], [1.0, 0.5], [1.0, 1.0]]
    >>> dog["pr"]
    [[0.5, 1.0], [0.5, 0.5], [1.0, 0.6667]]
    """
    shown: Sequence[int] = headline_classes(len(tally.labels))
    if len(shown) > MOST_CLASSES:
        support = outcomes_of(tally).support[0]
        shown = sorted(np.argsort(-support, kind="stable")[:MOST_CLASSES].tolist())
    return [_class_curves(tally, k) for k in shown]


def _class_curves(tally: Tally, k: int) -> ClassCurves:
    table = next(table for table in tally.tables if k in table.scores)
    found = table.scores[k].fold(table.counts[None, :].astype(np.float64))
    # The counts at or above each score, from the highest score down.
    positives, negatives = (np.cumsum(counts[0, ::-1]) for counts in found)
    most_positive, most_negative = positives[-1], negatives[-1]
    roc, pr = np.empty((0, 2)), np.empty((0, 2))
    if most_positive and most_negative:
        start = np.zeros((1, 2))
        rates = np.stack([negatives / most_negative, positives / most_positive], axis=1)
        roc = _thin(np.concatenate([start, rates]))
    if most_positive:
        recall = positives / most_positive
        # Nothing more is found after full recall.
        until = int(np.argmax(recall >= 1.0)) + 1
        pr = _thin(np.stack([recall, positives / (positives + negatives)], axis=1)[:until])
    return {
        "name": tally.labels[k],
        "share": round(float(most_positive / (most_positive + most_negative)), 6),
        "roc": roc.round(4).tolist(),
        "pr": pr.round(4).tolist(),
    }


def _thin(points: FloatArray) -> FloatArray:
    """Keep at most MOST_POINTS points, about evenly along the curve and including both ends."""
    if len(points) <= MOST_POINTS:
        return points
    steps = np.abs(np.diff(points, axis=0)).sum(axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, along[-1], MOST_POINTS)
    kept = np.unique(np.searchsorted(along, wanted).clip(0, len(points) - 1))
    return np.asarray(points[kept])
