"""The tables of counted rows."""

from __future__ import annotations

import numpy as np
import pytest

from sparkles.evaluation.tables import ClassScores, Table, clipped_log_loss

from .made_rows import made_rows


def test_equal_infinite_scores_are_one_score() -> None:
    scores = ClassScores.of(np.array([np.inf, -np.inf, np.inf]), np.array([True, False, False]))
    positives, negatives = scores.fold(np.ones((1, 3)))
    assert positives.tolist() == [[0.0, 1.0]]
    assert negatives.tolist() == [[1.0, 1.0]]


def test_folding_keeps_every_row() -> None:
    rows = made_rows(3, decimals=0)
    (table,) = rows.tally().tables
    weights = table.counts[None, :].astype(float)
    for k, scores in table.scores.items():
        positives, negatives = scores.fold(weights)
        assert positives.sum() == (rows.truth == k).sum()
        assert positives.sum() + negatives.sum() == rows.truth.size


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = made_rows(3, decimals=1)
    (first,) = rows.tally().tables
    (second,) = rows.taken(np.random.default_rng(1).permutation(rows.truth.size)).tally().tables
    assert np.array_equal(first.losses, second.losses)
    assert np.array_equal(first.outcomes, second.outcomes)


def test_folding_outcomes_of_a_table_without_them_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no outcomes"):
        Table(np.array([1])).fold_outcomes(np.ones((1, 1)), 2)


def test_log_loss_is_clipped_at_both_ends() -> None:
    worst, best = clipped_log_loss(np.array([0.0, 1.0]))
    assert worst == pytest.approx(-np.log(np.finfo(float).eps))
    assert 0.0 < best < 1e-15
