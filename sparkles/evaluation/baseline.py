"""The majority-class baseline: a classifier that knows the training labels but no photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sparkles.errors import LabelError, SettingsError, nearest
from sparkles.evaluation.tables import (
    ClassScores,
    FloatArray,
    IntArray,
    Table,
    Tally,
    clipped_log_loss,
)

__all__ = ["majority_class", "majority_tally", "training_priors"]

_MOST_SCORES = 2_000_000  # for more, rows times classes, each class has a table of its own


def training_priors(labels: Sequence[str], training_counts: Mapping[str, int]) -> FloatArray:
    """Return each class's share of the training rows, shape ``(classes,)``.

    Parameters
    ----------
    labels
        Class names in index order.
    training_counts
        Class name to number of training rows; a class that is not named has none.

    Raises
    ------
    LabelError
        If a name is not among `labels`, or no class has a training row.
    SettingsError
        If a count is negative.

    Examples
    --------
    >>> training_priors(["Car", "Dog"], {"Dog": 10, "Car": 30}).tolist()
    [0.75, 0.25]
    """
    known = frozenset(labels)
    for name, count in training_counts.items():
        if name not in known:
            raise LabelError(
                f"training_counts names {name!r}, which is not among the labels"
                f" {list(labels)}.{nearest(name, labels)}"
            )
        if count < 0:
            raise SettingsError(f"training_counts[{name!r}] must be 0 or more, not {count}")
    counts = np.array([training_counts.get(name, 0) for name in labels], dtype=np.float64)
    if counts.sum() == 0:
        raise LabelError(
            "training_counts must contain at least one training row, but every count is 0. Pass "
            "the label counts of the training split, or None for no baseline"
        )
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def majority_class(labels: Sequence[str], training_counts: Mapping[str, int]) -> str:
    """Return the most frequent class in training; of several, the first in index order.

    Examples
    --------
    >>> majority_class(["Car", "Dog"], {"Dog": 10, "Car": 30})
    'Car'
    """
    return labels[int(np.argmax(training_priors(labels, training_counts)))]


def majority_tally(
    labels: Sequence[str], support: IntArray, training_counts: Mapping[str, int]
) -> Tally:
    """Tally the predictions of the majority-class baseline for the evaluated rows.

    The baseline predicts the most frequent class in training, with the training priors as the
    probabilities of every row. Its areas are those of a constant score: ROC AUC is 0.5, and PR AUC
    is the class's share of the rows.

    Parameters
    ----------
    labels
        Class names in index order.
    support
        Shape ``(classes,)``: the number of evaluated rows of each true class.
    training_counts
        Class name to number of training rows.

    Raises
    ------
    LabelError
        If a name is not among `labels`, or no class has a training row.
    SettingsError
        If a count is negative.

    Examples
    --------
    >>> tally = majority_tally(["Car", "Dog"], np.array([6, 4]), {"Car": 30, "Dog": 10})
    >>> tally.tables[0].counts.tolist(), tally.tables[0].outcomes.tolist()
    ([6, 4], [0, 2])
    """
    priors = training_priors(labels, training_counts)
    met = np.flatnonzero(support)
    if met.size * len(labels) > _MOST_SCORES:
        return _wide_tally(labels, support, priors)
    return Tally.of_rows(
        labels,
        truth=met,
        predicted=np.full(met.shape, int(np.argmax(priors))),
        scores=np.tile(priors, (met.size, 1)),
        losses=clipped_log_loss(priors[met]),
        counts=support[met],
    )


def _wide_tally(labels: Sequence[str], support: IntArray, priors: FloatArray) -> Tally:
    """Tally the baseline of very many classes without a score for each row and class."""
    met, winner = np.flatnonzero(support), int(np.argmax(priors))
    rows = int(support.sum())
    order = np.argsort(priors[met], kind="stable")
    return Tally.of_margins(
        labels,
        Table(support[met], outcomes=met * len(labels) + winner),
        Table(support[met][order], losses=clipped_log_loss(priors[met][order])),
        [_constant_score(k, int(count), rows) for k, count in enumerate(support)],
    )


def _constant_score(k: int, positives: int, rows: int) -> Table:
    cells = [(rows - positives, False), (positives, True)]
    counts, positive = zip(*[cell for cell in cells if cell[0]], strict=True)
    scores = ClassScores.of(np.zeros(len(counts)), np.array(positive))
    return Table(np.array(counts, dtype=np.int64), scores={k: scores})
