"""The formulas, compared with scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from sparkles.evaluation.metrics import (
    average_precision,
    confusion_metrics,
    mean_over_classes,
    roc_auc,
)
from sparkles.evaluation.tables import ClassScores, Outcomes

# A score with few different values, so that there are many ties; the class; the number of rows.
CELLS = st.lists(
    st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 4)), min_size=1, max_size=40
)
CONFUSIONS = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.integers(0, 6), min_size=k * k, max_size=k * k).map(
        lambda counts: np.array(counts, dtype=float).reshape(k, k)
    )
)


def fold(cells: list[tuple[int, bool, int]]) -> tuple[np.ndarray, ...]:
    scores, positive, weights = (np.array(part) for part in zip(*cells, strict=True))
    scores = scores / 7.0
    counts = ClassScores.of(scores, positive).fold(weights[None, :].astype(float))
    return scores, positive, weights, *counts


@settings(deadline=None)
@given(CELLS)
def test_roc_auc_agrees_with_scikit_learn(cells: list[tuple[int, bool, int]]) -> None:
    scores, positive, weights, positives, negatives = fold(cells)
    (area,) = roc_auc(positives, negatives)
    if weights[positive].sum() == 0 or weights[~positive].sum() == 0:
        assert np.isnan(area)
    else:
        assert area == pytest.approx(sk.roc_auc_score(positive, scores, sample_weight=weights))
        assert 0.0 <= area <= 1.0


@settings(deadline=None)
@given(CELLS)
def test_average_precision_agrees_with_scikit_learn(cells: list[tuple[int, bool, int]]) -> None:
    scores, positive, weights, positives, negatives = fold(cells)
    (area,) = average_precision(positives, negatives)
    if weights[positive].sum() == 0:
        assert np.isnan(area)
    else:
        expected = sk.average_precision_score(positive, scores, sample_weight=weights)
        assert area == pytest.approx(expected)
        assert 0.0 < area <= 1.0 + 1e-12


@settings(deadline=None)
@given(CELLS)
def test_reversing_scores_and_classes_keeps_the_roc_auc(cells: list[tuple[int, bool, int]]) -> None:
    *_, positives, negatives = fold(cells)
    there = roc_auc(positives, negatives)
    back = roc_auc(negatives[:, ::-1], positives[:, ::-1])
    np.testing.assert_allclose(there, back)


@settings(deadline=None, max_examples=50)
@given(CONFUSIONS)
def test_confusion_metrics_agree_with_scikit_learn(confusion: np.ndarray) -> None:
    if confusion.sum() == 0:
        return
    true, predicted = np.indices(confusion.shape).reshape(2, -1)
    counts = confusion.ravel().astype(int)
    y, p = np.repeat(true, counts), np.repeat(predicted, counts)
    ours = confusion_metrics(Outcomes.of_confusion(confusion[None]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "accuracy": sk.accuracy_score(y, p),
            "balanced_accuracy": sk.balanced_accuracy_score(y, p),
            "weighted_f1": sk.f1_score(y, p, average="weighted", zero_division=0),
            "weighted_precision": sk.precision_score(y, p, average="weighted", zero_division=0),
            "weighted_recall": sk.recall_score(y, p, average="weighted", zero_division=0),
            "macro_f1": sk.f1_score(y, p, average="macro", zero_division=0),
        }
    assert {name: float(value[0]) for name, value in ours.items()} == pytest.approx(expected)


def test_resamples_are_measured_independently() -> None:
    rng = np.random.default_rng(0)
    positives, negatives = rng.integers(0, 5, size=(2, 6, 9)).astype(float)
    for area in (roc_auc, average_precision):
        apart = [area(positives[i : i + 1], negatives[i : i + 1])[0] for i in range(6)]
        np.testing.assert_allclose(area(positives, negatives), apart)


def test_a_mean_over_no_class_is_undefined() -> None:
    assert np.isnan(mean_over_classes(np.array([[np.nan, np.nan]]), np.ones((1, 2)))).all()
