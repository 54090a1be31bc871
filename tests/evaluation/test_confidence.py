"""Calibration and thresholds, compared with NumPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from sklearn import metrics as sk

from sparkles.evaluation.confidence import (
    BINS,
    THRESHOLDS,
    measure_calibration,
    measure_thresholds,
)

from .made_rows import CASES, Rows, made_rows


def bins_by_hand(rows: Rows) -> list[tuple[int, float, float]]:
    """Compute bins in a loop over NumPy rows, as Guo et al. describe them."""
    sure, right = rows.probability.max(axis=1), rows.predicted == rows.truth
    bins = []
    for place in range(BINS):
        inside = (sure > place / BINS) & (sure <= (place + 1) / BINS)
        if inside.any():
            bins.append((inside.sum(), sure[inside].mean(), right[inside].mean()))
    return bins


@pytest.mark.parametrize("case", ["binary", "three classes", "five classes", "perfectly separated"])
def test_calibration_agrees_with_bins_by_hand(spark: SparkSession, case: str) -> None:
    rows = CASES[case]
    found = measure_calibration(rows.frame(spark))
    expected = bins_by_hand(rows)
    ours = [(one["count"], one["confidence"], one["accuracy"]) for one in found["bins"]]
    np.testing.assert_allclose(ours, expected)
    counts = np.array([count for count, *_ in expected])
    gaps = np.array([abs(sure - right) for _, sure, right in expected])
    assert found["ece"] == pytest.approx((counts * gaps).sum() / counts.sum())
    truth = np.eye(len(rows.labels))[rows.truth]
    squares = ((rows.probability - truth) ** 2).sum(axis=1).mean()
    assert found["brier"] == pytest.approx(squares, abs=1e-12)
    if len(rows.labels) == 2:  # scikit-learn counts one of the two equal squares
        single = sk.brier_score_loss(rows.truth, rows.probability[:, 1])
        assert found["brier"] == pytest.approx(2 * single, abs=1e-12)


def test_exaggerated_probabilities_have_a_larger_error_than_calibrated_ones(
    spark: SparkSession,
) -> None:
    # Draw the true classes with the predicted probabilities, which makes them calibrated.
    rng = np.random.default_rng(0)
    rows = made_rows(2, n=4000)
    truth = (rng.random(4000) < rows.probability[:, 1]).astype(int)
    calibrated = type(rows)(rows.labels, truth, rows.raw)
    assert measure_calibration(calibrated.frame(spark))["ece"] < 0.03
    exaggerated = type(rows)(rows.labels, truth, rows.raw * 10)
    assert measure_calibration(exaggerated.frame(spark))["ece"] > 0.1


@pytest.mark.parametrize("case", ["binary", "imbalanced", "absent of two", "constant, binary"])
def test_thresholds_of_two_classes_agree_with_scikit_learn(spark: SparkSession, case: str) -> None:
    rows = CASES[case]
    found, _ = measure_thresholds(rows.frame(spark), rows.labels)
    assert [one["threshold"] for one in found] == list(THRESHOLDS)
    positive, sure = rows.truth == 1, rows.probability[:, 1]
    for one in found:
        flagged = sure >= one["threshold"]
        assert one["flagged"] == flagged.sum()
        if flagged.any():
            assert one["precision"] == pytest.approx(sk.precision_score(positive, flagged))
        else:
            assert one["precision"] is None
        if positive.any():
            assert one["recall"] == pytest.approx(sk.recall_score(positive, flagged))
        else:
            assert one["recall"] is None
        assert one["false_positive_rate"] == pytest.approx(flagged[~positive].mean())


@pytest.mark.parametrize("case", ["binary", "three classes"])
def test_coverage_agrees_with_numpy(spark: SparkSession, case: str) -> None:
    rows = CASES[case]
    of_two, found = measure_thresholds(rows.frame(spark), rows.labels)
    assert bool(of_two) == (len(rows.labels) == 2)
    sure, right = rows.probability.max(axis=1), rows.predicted == rows.truth
    for one in found:
        answered = sure >= one["threshold"]
        assert (one["answered"], one["coverage"]) == (answered.sum(), answered.mean())
        expected = right[answered].mean() if answered.any() else None
        assert one["accuracy"] == (expected if expected is None else pytest.approx(expected))
