"""The small tables that every metric is computed from: distinct rows, and how often each occurs.

A metric here is a function of counts only, so the same formulas give the values (from the counts),
the bootstrap intervals (from resampled counts) and the baseline (from constructed counts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ClassScores",
    "FloatArray",
    "IntArray",
    "Outcomes",
    "Table",
    "Tally",
    "clipped_log_loss",
]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class Outcomes(NamedTuple):
    """Counts of every class, each of shape ``(resamples, classes)``.

    Attributes
    ----------
    hits
        Rows of the class that are predicted to be of it.
    support, predicted
        Rows of the class, and rows that are predicted to be of it.
    """

    hits: FloatArray
    support: FloatArray
    predicted: FloatArray

    @classmethod
    def of_confusion(cls, confusion: FloatArray) -> Outcomes:
        """Count from matrices of shape ``(resamples, classes, classes)``, true class by row."""
        hits = np.diagonal(confusion, axis1=1, axis2=2)
        return cls(hits, confusion.sum(axis=2), confusion.sum(axis=1))


@dataclass(frozen=True, eq=False)
class ClassScores:
    """The scores of one class in the cells of a table, sorted once to fold counts fast.

    Parameters
    ----------
    order
        Shape ``(cells,)``: the cells in order of ascending score.
    starts
        Shape ``(distinct scores,)``: where in `order` each distinct score begins.
    positive
        Shape ``(cells,)``, ordered like `order`: 1.0 where the true class is this class.

    Examples
    --------
    >>> scores = ClassScores.of(np.array([0.9, 0.1, 0.9]), np.array([True, False, False]))
    >>> positives, negatives = scores.fold(np.array([[5.0, 2.0, 1.0]]))
    >>> positives.tolist(), negatives.tolist()
    ([[0.0, 5.0]], [[2.0, 1.0]])
    """

    order: IntArray
    starts: IntArray
    positive: FloatArray

    @classmethod
    def of(cls, scores: FloatArray, positive: NDArray[np.bool_]) -> ClassScores:
        """Sort the cells of one class by score."""
        order = np.argsort(scores, kind="stable")
        ascending = scores[order]
        # Compare, do not subtract: infinity minus infinity is NaN, which would separate ties.
        first = np.concatenate([[True], ascending[1:] != ascending[:-1]])
        return cls(order, np.flatnonzero(first), positive[order].astype(np.float64))

    def fold(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Count the positives and the negatives at each distinct score, ascending.

        Parameters
        ----------
        weights
            Shape ``(resamples, cells)``: the count of each cell.

        Returns
        -------
        tuple of arrays
            Positives and negatives, each of shape ``(resamples, distinct scores)``.
        """
        totals = np.take(weights, self.order, axis=1)  # several times as fast as indexing
        positives = totals * self.positive
        if self.starts.size < self.order.size:
            totals = np.add.reduceat(totals, self.starts, axis=1)
            positives = np.add.reduceat(positives, self.starts, axis=1)
        return positives, totals - positives


@dataclass(frozen=True, eq=False)
class Table:
    """Cells of equal rows with their counts; a bootstrap resamples the counts.

    Parameters
    ----------
    counts
        Shape ``(cells,)``: the rows in each cell.
    outcomes
        Shape ``(cells,)``, ascending: true index times the number of classes plus predicted index;
        None if the table does not have them.
    losses
        Shape ``(cells,)``: each row's log loss in nats; None if the table does not have them.
    scores
        Scores by class index, for the classes whose scores the table has.
    """

    counts: IntArray
    outcomes: IntArray | None = None
    losses: FloatArray | None = None
    scores: Mapping[int, ClassScores] = field(default_factory=dict)

    def fold_outcomes(self, weights: FloatArray, classes: int) -> Outcomes:
        """Count the rows of each class that are right, that are of it and that are predicted it.

        The confusion matrix, of which these are the diagonal and the sums, would have a cell for
        each pair of classes and resample.

        Raises
        ------
        ValueError
            If the table has no outcomes.

        Examples
        --------
        >>> table = Table(counts=np.array([4, 1]), outcomes=np.array([0, 3]))
        >>> table.fold_outcomes(np.array([[4.0, 1.0]]), classes=2).hits.tolist()
        [[4.0, 1.0]]
        """
        if self.outcomes is None:
            raise ValueError("this table has no outcomes; fold the table that has them")
        truth, predicted = np.divmod(self.outcomes, classes)
        right = truth == predicted
        return Outcomes(
            _sum_by(truth[right], weights[:, right], classes),
            _sum_by(truth, weights, classes),
            _sum_by(predicted, weights, classes),
        )


@dataclass(frozen=True, eq=False)
class Tally:
    """All counts of one set of predictions.

    Parameters
    ----------
    labels
        Class names in index order.
    tables
        A single table with everything (`exact`), or one table each for outcomes, for losses and
        for the scores of every class.
    exact
        Whether `tables` is a single table of distinct rows with unrounded scores.
    """

    labels: tuple[str, ...]
    tables: tuple[Table, ...]
    exact: bool

    @classmethod
    def of_rows(
        cls,
        labels: Sequence[str],
        truth: IntArray,
        predicted: IntArray,
        scores: FloatArray,
        losses: FloatArray,
        counts: IntArray,
    ) -> Tally:
        """Tally distinct rows, which keeps the numbers of each row together.

        Parameters
        ----------
        labels
            Class names in index order.
        truth, predicted
            Shape ``(cells,)``: class indices.
        scores
            Shape ``(cells, classes)``: the score of every class.
        losses
            Shape ``(cells,)``: log loss in nats.
        counts
            Shape ``(cells,)``: the number of rows in each cell.

        Examples
        --------
        >>> tally = Tally.of_rows(
        ...     ["Car", "Dog"],
        ...     truth=np.array([1, 0]),
        ...     predicted=np.array([1, 0]),
        ...     scores=np.array([[-2.0, 2.0], [1.0, -1.0]]),
        ...     losses=np.array([0.1, 0.3]),
        ...     counts=np.array([7, 5]),
        ... )
        >>> tally.exact, tally.tables[0].counts.tolist()
        (True, [5, 7])
        """
        # Sort the cells, so that a seed gives the same interval whatever order Spark sends them in.
        order = np.lexsort([*scores.T, losses, predicted, truth])
        truth, scores = truth[order], scores[order]
        by_class = {k: ClassScores.of(scores[:, k], truth == k) for k in range(len(labels))}
        outcomes = truth * len(labels) + predicted[order]
        table = Table(counts[order], outcomes, losses[order], by_class)
        return cls(tuple(labels), (table,), exact=True)

    @classmethod
    def of_margins(
        cls,
        labels: Sequence[str],
        outcomes: Table,
        losses: Table,
        scores: Sequence[Table],
    ) -> Tally:
        """Tally separate tables of outcomes, losses and scores, counted on a large DataFrame.

        Examples
        --------
        >>> outcomes = Table(np.array([3, 4]), outcomes=np.array([0, 3]))
        >>> losses = Table(np.array([7]), losses=np.array([0.2]))
        >>> score = ClassScores.of(np.array([0.1, 0.9]), np.array([False, True]))
        >>> scores = [Table(np.array([3, 4]), scores={k: score}) for k in range(2)]
        >>> Tally.of_margins(["Car", "Dog"], outcomes, losses, scores).exact
        False
        """
        return cls(tuple(labels), (outcomes, losses, *scores), exact=False)


def _sum_by(group: IntArray, weights: FloatArray, groups: int) -> FloatArray:
    """Sum the columns of weights by group: shape ``(resamples, groups)``."""
    sums = np.zeros((weights.shape[0], groups))
    if group.size:
        order = np.argsort(group, kind="stable")
        met, starts = np.unique(group[order], return_index=True)
        sums[:, met] = np.add.reduceat(np.take(weights, order, axis=1), starts, axis=1)
    return sums


def clipped_log_loss(probability: FloatArray) -> FloatArray:
    """Compute minus the natural logarithm of the true class's probability, clipped.

    The probability is kept a float64 epsilon away from 0 and 1, as in
    ``sklearn.metrics.log_loss``, so that a certain mistake costs 36 nats and not infinity.

    Examples
    --------
    >>> clipped_log_loss(np.array([0.5, 0.0])).round(3).tolist()
    [0.693, 36.044]
    """
    eps = float(np.finfo(np.float64).eps)
    return np.asarray(-np.log(np.clip(probability, eps, 1.0 - eps)), dtype=np.float64)
