"""ROC and precision-recall curves from counted predictions, thinned to what a figure can show."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame

from sparkles.evaluation.confidence import measure_calibration, measure_thresholds
from sparkles.evaluation.measures import headline_classes
from sparkles.evaluation.results import ClassCurves, Curves
from sparkles.evaluation.tables import FloatArray, Tally

__all__ = ["MOST_POINTS", "measure_curves", "trace_curves"]

MOST_POINTS = 200  # of a curve; what lies between two of them is at most a hundredth of the curve


def measure_curves(predictions: DataFrame, tally: Tally) -> Curves:
    """Measure all that figures of an evaluation are drawn from.

    Parameters
    ----------
    predictions
        What `tally` was counted from; Spark reads it twice more.
    tally
        What :func:`~sparkles.evaluation.count_predictions` counted.
    """
    thresholds, coverage = measure_thresholds(predictions, tally.labels)
    return {
        "classes": trace_curves(tally),
        "calibration": measure_calibration(predictions),
        "thresholds": thresholds,
        "coverage": coverage,
    }


def trace_curves(tally: Tally) -> list[ClassCurves]:
    """Trace each class against the rest: of two classes that of index 1, of more every one.

    Parameters
    ----------
    tally
        What :func:`~sparkles.evaluation.count_predictions` counted.

    Returns
    -------
    list of ClassCurves
        ``roc``: (false positive rate, true positive rate) from (0, 0) to (1, 1), a corner at each
        distinct score. ``pr``: (recall, precision) by rising recall, from the highest score on. A
        class that all or no rows have has no ROC curve, one that no row has no curve at all
        (empty lists).

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
    return [_class_curves(tally, k) for k in headline_classes(len(tally.labels))]


def _class_curves(tally: Tally, k: int) -> ClassCurves:
    table = next(table for table in tally.tables if k in table.scores)
    found = table.scores[k].fold(table.counts[None, :].astype(np.float64))
    # From the highest score down: what is above a threshold that falls.
    positives, negatives = (np.cumsum(counts[0, ::-1]) for counts in found)
    most_positive, most_negative = positives[-1], negatives[-1]
    roc, pr = np.empty((0, 2)), np.empty((0, 2))
    if most_positive and most_negative:
        start = np.zeros((1, 2))
        rates = np.stack([negatives / most_negative, positives / most_positive], axis=1)
        roc = _thinned(np.concatenate([start, rates]))
    if most_positive:
        recall = positives / most_positive
        # Past full recall nothing is found any more.
        until = int(np.argmax(recall >= 1.0)) + 1
        pr = _thinned(np.stack([recall, positives / (positives + negatives)], axis=1)[:until])
    return {
        "name": tally.labels[k],
        "share": round(float(most_positive / (most_positive + most_negative)), 6),
        "roc": roc.round(4).tolist(),
        "pr": pr.round(4).tolist(),
    }


def _thinned(points: FloatArray) -> FloatArray:
    """At most MOST_POINTS of them, both ends included, about evenly along the curve."""
    if len(points) <= MOST_POINTS:
        return points
    steps = np.abs(np.diff(points, axis=0)).sum(axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, along[-1], MOST_POINTS)
    kept = np.unique(np.searchsorted(along, wanted).clip(0, len(points) - 1))
    return np.asarray(points[kept])
