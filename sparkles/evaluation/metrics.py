"""The formulas of the metrics, each for many resamples at once: counts in, one number each out.

Where a formula would divide by zero, areas are NaN (undefined), and precision, recall and F1 are
zero, as with ``zero_division=0`` in scikit-learn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sparkles.evaluation.tables import FloatArray, Outcomes

__all__ = [
    "ClassRates",
    "average_precision",
    "class_rates",
    "confusion_metrics",
    "mean_over_classes",
    "roc_auc",
]


class ClassRates(NamedTuple):
    """Rates of every class, each of shape ``(resamples, classes)``."""

    support: FloatArray
    predicted: FloatArray
    precision: FloatArray
    recall: FloatArray
    f1: FloatArray


def class_rates(outcomes: Outcomes) -> ClassRates:
    """Compute support, precision, recall and F1 of every class.

    Parameters
    ----------
    outcomes
        The counts of every class.

    Returns
    -------
    ClassRates
        A rate whose divisor is zero is zero.

    Examples
    --------
    >>> confusion = np.array([[[8.0, 2.0], [0.0, 10.0]]])
    >>> rates = class_rates(Outcomes.of_confusion(confusion))
    >>> rates.recall.tolist()
    [[0.8, 1.0]]
    """
    hits, support, predicted = outcomes
    return ClassRates(
        support,
        predicted,
        precision=_ratio(hits, predicted),
        recall=_ratio(hits, support),
        f1=_ratio(2.0 * hits, support + predicted),
    )


def confusion_metrics(outcomes: Outcomes) -> dict[str, FloatArray]:
    """Compute every metric that the confusion matrix alone determines.

    Parameters
    ----------
    outcomes
        The counts of every class.

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy``, ``weighted_f1``, ``weighted_precision``,
        ``weighted_recall`` and ``macro_f1``, each of shape ``(resamples,)``, in 0 .. 1.
        Balanced accuracy averages the classes that occur as true class, macro F1 those that occur
        as true or as predicted class, both as in scikit-learn.

    Examples
    --------
    >>> confusion = np.array([[[8.0, 2.0], [0.0, 10.0]]])
    >>> metrics = confusion_metrics(Outcomes.of_confusion(confusion))
    >>> float(metrics["accuracy"][0]), float(metrics["balanced_accuracy"][0])
    (0.9, 0.9)
    """
    rates = class_rates(outcomes)
    n = rates.support.sum(axis=1)
    met = (rates.support + rates.predicted) > 0
    share = rates.support / n[:, None]
    return {
        "accuracy": outcomes.hits.sum(axis=1) / n,
        "balanced_accuracy": mean_over_classes(
            np.where(rates.support > 0, rates.recall, np.nan), np.ones_like(share)
        ),
        "weighted_f1": (rates.f1 * share).sum(axis=1),
        "weighted_precision": (rates.precision * share).sum(axis=1),
        "weighted_recall": (rates.recall * share).sum(axis=1),
        "macro_f1": mean_over_classes(np.where(met, rates.f1, np.nan), np.ones_like(share)),
    }


def roc_auc(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    """Compute the area under the ROC curve: how often a positive outscores a negative.

    A tie counts half.

    Parameters
    ----------
    positives, negatives
        Shape ``(resamples, distinct scores)``: counts at each distinct score, ascending.

    Returns
    -------
    array
        Shape ``(resamples,)``, in 0 .. 1; NaN without positives or without negatives.

    References
    ----------
    J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143 (1982) 29-36: the area is the Mann-Whitney
    statistic over its largest value.

    Examples
    --------
    >>> roc_auc(np.array([[0.0, 1.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])).tolist()
    [0.875]
    """
    below = np.cumsum(negatives, axis=1)
    pairs = below[:, -1] * positives.sum(axis=1)
    below -= negatives / 2.0  # half of the negatives that are tied at the same score
    wins = np.einsum("ij,ij->i", positives, below)
    return np.divide(wins, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)


def average_precision(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    """Compute the area under the precision-recall curve as average precision.

    This is the sum over thresholds of the gain in recall times the precision there, without
    interpolation, like ``sklearn.metrics.average_precision_score``. Spark's ``areaUnderPR`` joins
    the points by straight lines, which is too optimistic, so the two differ slightly.

    Parameters
    ----------
    positives, negatives
        Shape ``(resamples, distinct scores)``: counts at each distinct score, ascending.

    Returns
    -------
    array
        Shape ``(resamples,)``, in 0 .. 1; NaN without positives.

    References
    ----------
    J. Davis, M. Goadrich, "The relationship between Precision-Recall and ROC curves",
    ICML 2006, which explains why straight lines between the points are wrong.

    Examples
    --------
    >>> positives, negatives = np.array([[0.0, 1.0, 1.0]]), np.array([[1.0, 2.0, 0.0]])
    >>> average_precision(positives, negatives).tolist()
    [0.75]
    """
    hits = np.cumsum(positives[:, ::-1], axis=1)[:, ::-1]
    taken = hits + np.cumsum(negatives[:, ::-1], axis=1)[:, ::-1]
    gains = np.einsum("ij,ij->i", positives, _ratio(hits, taken))
    total = hits[:, 0]
    return np.divide(gains, total, out=np.full(total.shape, np.nan), where=total > 0)


def mean_over_classes(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Average over the classes whose value is defined; NaN if there are none.

    Parameters
    ----------
    values, weights
        Shape ``(resamples, classes)``; NaN in `values` means undefined.

    Examples
    --------
    >>> mean_over_classes(np.array([[0.5, np.nan, 1.0]]), np.array([[1.0, 9.0, 3.0]])).tolist()
    [0.875]
    """
    kept = np.where(np.isnan(values), 0.0, weights)
    total = kept.sum(axis=1)
    gained = (kept * np.nan_to_num(values)).sum(axis=1)
    return np.divide(gained, total, out=np.full(total.shape, np.nan), where=total > 0)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
