"""Headline metrics from tables and counts, for one set of counts or for many resamples."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from sparkles.evaluation.metrics import (
    average_precision,
    confusion_metrics,
    mean_over_classes,
    roc_auc,
)
from sparkles.evaluation.tables import FloatArray, IntArray, Outcomes, Table, Tally
from sparkles.metric_names import METRICS

__all__ = [
    "HEADLINES",
    "Measures",
    "confusion_counts",
    "headline_classes",
    "measure",
    "measure_tally",
    "outcomes_of",
]

_Key = TypeVar("_Key", str, int)

HEADLINES = tuple(METRICS)


@dataclass(eq=False)
class Measures:
    """Measurements, with one entry for each resample.

    Parameters
    ----------
    scalars
        Metric name to shape ``(resamples,)``.
    support
        Shape ``(resamples, classes)``: rows of each true class; None if no table had outcomes.
    roc_auc, pr_auc
        Class index to shape ``(resamples,)``; NaN if undefined.
    """

    scalars: dict[str, FloatArray] = field(default_factory=dict)
    support: FloatArray | None = None
    roc_auc: dict[int, FloatArray] = field(default_factory=dict)
    pr_auc: dict[int, FloatArray] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Iterable[Measures]) -> Measures:
        """Concatenate measures of one table, each with other resamples."""
        parts = list(parts)
        supports = [part.support for part in parts if part.support is not None]
        return cls(
            _concatenate([part.scalars for part in parts]),
            np.concatenate(supports) if supports else None,
            _concatenate([part.roc_auc for part in parts]),
            _concatenate([part.pr_auc for part in parts]),
        )

    @classmethod
    def merged(cls, parts: Iterable[Measures]) -> Measures:
        """Combine measures of several tables for the same resamples."""
        whole = cls()
        for part in parts:
            whole.scalars |= part.scalars
            whole.roc_auc |= part.roc_auc
            whole.pr_auc |= part.pr_auc
            whole.support = whole.support if part.support is None else part.support
        return whole

    def headlines(self, classes: int, *, comonotone: bool = False) -> dict[str, FloatArray]:
        """Return every metric in `HEADLINES`, each of shape ``(resamples,)``; NaN if undefined.

        Parameters
        ----------
        classes
            The number of classes. With two classes, the areas are those of the class of index 1.
        comonotone
            Whether the areas of the classes were drawn independently, so that entry i of one class
            is unrelated to entry i of another. The areas of each class are then sorted before they
            are averaged, as if all rose and fell together, which gives the widest possible spread.
        """
        chosen = headline_classes(classes)
        roc = np.stack([self.roc_auc[k] for k in chosen], axis=1)
        pr = np.stack([self.pr_auc[k] for k in chosen], axis=1)
        support = np.ones_like(roc) if self.support is None else self.support[:, list(chosen)]
        if comonotone:
            roc, pr = np.sort(roc, axis=0), np.sort(pr, axis=0)
            support = np.broadcast_to(support.mean(axis=0), support.shape)
        areas = {
            "roc_auc": mean_over_classes(roc, np.ones_like(roc)),
            "weighted_roc_auc": mean_over_classes(roc, support),
            "pr_auc": mean_over_classes(pr, np.ones_like(pr)),
        }
        values = self.scalars | areas
        return {name: values[name] for name in HEADLINES}


def headline_classes(classes: int) -> range:
    """Return the classes whose areas are averaged: index 1 of two, or all of more classes.

    Examples
    --------
    >>> headline_classes(2), headline_classes(3)
    (range(1, 2), range(0, 3))
    """
    return range(1, 2) if classes == 2 else range(classes)


def measure(table: Table, weights: FloatArray, classes: int, wanted: Container[int]) -> Measures:
    """Compute everything that one table allows.

    Parameters
    ----------
    table
        The cells.
    weights
        Shape ``(resamples, cells)``: counts to use instead of the table's own.
    classes
        The number of classes.
    wanted
        The classes whose areas to compute.

    Examples
    --------
    >>> table = Table(np.array([3, 1]), losses=np.array([0.0, 2.0]))
    >>> measure(table, np.array([[3.0, 1.0], [2.0, 2.0]]), 2, [1]).scalars["log_loss"].tolist()
    [0.5, 1.0]
    """
    measures = Measures()
    if table.outcomes is not None:
        outcomes = table.fold_outcomes(weights, classes)
        measures.scalars |= confusion_metrics(outcomes)
        measures.support = outcomes.support
    if table.losses is not None:
        measures.scalars["log_loss"] = (weights @ table.losses) / weights.sum(axis=1)
    for k in [k for k in table.scores if k in wanted]:
        positives, negatives = table.scores[k].fold(weights)
        measures.roc_auc[k] = roc_auc(positives, negatives)
        measures.pr_auc[k] = average_precision(positives, negatives)
    return measures


def measure_tally(tally: Tally) -> Measures:
    """Compute the measures of the original counts: one resample, every class."""
    classes = len(tally.labels)
    return Measures.merged(
        measure(table, table.counts[None, :].astype(np.float64), classes, range(classes))
        for table in tally.tables
    )


def outcomes_of(tally: Tally) -> Outcomes:
    """Count the outcomes of every class: arrays of shape ``(1, classes)``."""
    table = _with_outcomes(tally)
    return table.fold_outcomes(table.counts[None, :].astype(np.float64), len(tally.labels))


def confusion_counts(tally: Tally, shown: Sequence[int] | None = None) -> IntArray:
    """Count the rows of each true class (by row) and predicted class (by column).

    Parameters
    ----------
    shown
        The classes, by index, of the matrix; default: all.

    Examples
    --------
    >>> table = Table(np.array([4, 1]), outcomes=np.array([0, 2]))
    >>> confusion_counts(Tally(("Car", "Dog"), (table,), exact=True)).tolist()
    [[4, 0], [1, 0]]
    """
    table, classes = _with_outcomes(tally), len(tally.labels)
    chosen = range(classes) if shown is None else shown
    place = np.full(classes, -1)
    place[list(chosen)] = np.arange(len(chosen))
    truth, predicted = np.divmod(np.asarray(table.outcomes), classes)
    rows, columns = place[truth], place[predicted]
    inside = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(chosen), len(chosen)), dtype=np.int64)
    np.add.at(counts, (rows[inside], columns[inside]), table.counts[inside])
    return counts


def _with_outcomes(tally: Tally) -> Table:
    return next(table for table in tally.tables if table.outcomes is not None)


def _concatenate(parts: list[dict[_Key, FloatArray]]) -> dict[_Key, FloatArray]:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
