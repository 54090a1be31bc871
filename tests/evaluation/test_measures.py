"""Headline metrics, compared with scikit-learn on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from sparkles.evaluation.measures import HEADLINES, Measures, confusion_counts, measure_tally

from .made_rows import CASES, sklearn_areas, sklearn_headlines


@pytest.mark.parametrize("case", CASES)
def test_headlines_agree_with_scikit_learn(case: str) -> None:
    rows = CASES[case]
    headlines = measure_tally(rows.tally()).headlines(len(rows.labels))
    assert tuple(headlines) == HEADLINES
    for name, expected in sklearn_headlines(rows).items():
        undefined = expected is None or np.isnan(expected)
        expected = np.nan if undefined else expected
        assert headlines[name][0] == pytest.approx(expected, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("case", CASES)
def test_areas_of_every_class_agree_with_scikit_learn(case: str) -> None:
    rows = CASES[case]
    measures = measure_tally(rows.tally())
    roc, pr = sklearn_areas(rows)
    for k in range(len(rows.labels)):
        assert measures.roc_auc[k][0] == pytest.approx(roc[k], nan_ok=True)
        assert measures.pr_auc[k][0] == pytest.approx(pr[k], nan_ok=True)


def test_the_confusion_matrix_has_the_true_class_by_row() -> None:
    rows = CASES["three classes"]
    confusion = confusion_counts(rows.tally())
    assert confusion.sum(axis=1).tolist() == np.bincount(rows.truth).tolist()
    assert confusion.sum(axis=0).tolist() == np.bincount(rows.predicted).tolist()


def test_comonotone_areas_have_the_widest_possible_spread() -> None:
    apart = {0: np.array([0.1, 0.9]), 1: np.array([0.9, 0.1]), 2: np.array([0.5, 0.5])}
    measures = Measures({name: np.zeros(2) for name in HEADLINES}, np.ones((2, 3)), apart, apart)
    assert measures.headlines(3)["roc_auc"].tolist() == [0.5, 0.5]
    spread = measures.headlines(3, comonotone=True)["roc_auc"]
    np.testing.assert_allclose(spread, [0.7 / 3, 2.3 / 3])
