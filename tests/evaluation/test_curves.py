"""ROC and precision-recall curves, compared with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from sparkles.evaluation.curves import MOST_POINTS, trace_curves
from sparkles.run_files import ClassCurves

from .made_rows import CASES, Rows, made_rows


def trace_by_name(rows: Rows) -> dict[str, ClassCurves]:
    return {curve["name"]: curve for curve in trace_curves(rows.tally())}


FEW = {"few": made_rows(2, n=150, shares=[0.97, 0.03])}


@pytest.mark.parametrize("case", ["binary", "three classes", "ties, binary", "few"])
def test_curves_agree_with_scikit_learn(case: str) -> None:
    rows = (CASES | FEW)[case]
    curves = trace_by_name(rows)
    assert list(curves) == (rows.labels[1:] if len(rows.labels) == 2 else rows.labels)
    for name, curve in curves.items():
        k = rows.labels.index(name)
        positive, scores = rows.truth == k, rows.scores[:, k]
        assert curve["share"] == pytest.approx(positive.mean(), abs=1e-6)
        false, true, _ = sk.roc_curve(positive, scores, drop_intermediate=False)
        np.testing.assert_allclose(curve["roc"], np.stack([false, true], axis=1), atol=5e-5)
        precision, recall, _ = sk.precision_recall_curve(positive, scores)
        # scikit-learn orders points by decreasing recall, and adds the point (0, 1).
        expected = np.stack([recall, precision], axis=1)[-2::-1]
        np.testing.assert_allclose(curve["pr"], expected[: len(curve["pr"])], atol=5e-5)
        assert curve["pr"][-1][0] == 1.0


def test_classes_without_positives_or_negatives_have_no_curves() -> None:
    assert trace_by_name(CASES["absent of two"])["Dog"]["roc"] == []
    assert trace_by_name(CASES["absent of two"])["Dog"]["pr"] == []
    absent = trace_by_name(CASES["absent of three"])
    assert absent["Dog"]["pr"] == absent["Dog"]["roc"] == []
    assert absent["Car"]["roc"]
    assert absent["Car"]["pr"]


@pytest.mark.parametrize("skill", [0.0, 1.0, 4.0])
def test_thinning_keeps_the_area_and_the_ends(skill: float) -> None:
    rows = made_rows(2, n=5000, skill=skill)
    (curve,) = trace_curves(rows.tally())
    false, true = np.array(curve["roc"]).T
    assert len(false) <= MOST_POINTS
    assert curve["roc"][0] == [0.0, 0.0]
    assert curve["roc"][-1] == [1.0, 1.0]
    exact = sk.roc_auc_score(rows.truth == 1, rows.scores[:, 1])
    assert np.trapezoid(true, false) == pytest.approx(exact, abs=0.003)
    recall, precision = np.array(curve["pr"]).T
    assert recall[-1] == 1.0
    exact = sk.average_precision_score(rows.truth == 1, rows.scores[:, 1])
    assert np.trapezoid(precision, recall) == pytest.approx(exact, abs=0.01)
