"""The majority-class baseline, compared with scikit-learn's dummy classifier."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.dummy import DummyClassifier

from sparkles.errors import LabelError, SettingsError
from sparkles.evaluation.baseline import majority_class, majority_tally, training_priors
from sparkles.evaluation.measures import confusion_counts, measure_tally

LABELS = ["Car", "Dog", "Tree"]


def test_the_baseline_is_scikit_learn_s_dummy_classifier() -> None:
    train = np.repeat([0, 1, 2], [10, 60, 30])
    y = np.repeat([0, 1, 2], [4, 5, 6])
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((100, 1)), train)
    p, probability = dummy.predict(np.zeros((15, 1))), dummy.predict_proba(np.zeros((15, 1)))

    tally = majority_tally(LABELS, np.array([4, 5, 6]), {"Car": 10, "Dog": 60, "Tree": 30})
    ours = {name: value[0] for name, value in measure_tally(tally).headlines(3).items()}

    assert confusion_counts(tally).tolist() == sk.confusion_matrix(y, p).tolist()
    assert ours["accuracy"] == pytest.approx(5 / 15)
    assert ours["balanced_accuracy"] == pytest.approx(1 / 3)
    assert ours["weighted_f1"] == pytest.approx(sk.f1_score(y, p, average="weighted"))
    assert ours["log_loss"] == pytest.approx(sk.log_loss(y, probability))
    assert ours["roc_auc"] == 0.5
    assert ours["pr_auc"] == pytest.approx(1 / 3)


def test_a_class_without_training_rows_costs_the_clipped_loss() -> None:
    tally = majority_tally(["Car", "Dog"], np.array([0, 3]), {"Car": 5})
    assert measure_tally(tally).scalars["log_loss"][0] == pytest.approx(36.0437, abs=1e-4)


def test_of_two_equal_majorities_the_first_in_index_order_wins() -> None:
    assert majority_class(LABELS, {"Tree": 7, "Dog": 7, "Car": 1}) == "Dog"


def test_priors_are_in_index_order() -> None:
    assert training_priors(LABELS, {"Tree": 1, "Car": 3}).tolist() == [0.75, 0.0, 0.25]


def test_an_unknown_class_is_named_with_the_nearest_label() -> None:
    with pytest.raises(LabelError, match=r"'Dgo'.*Did you mean Dog"):
        training_priors(LABELS, {"Dgo": 3})


def test_no_training_rows_are_an_error() -> None:
    with pytest.raises(LabelError, match="every count is 0"):
        training_priors(LABELS, {"Dog": 0})


def test_a_negative_count_is_named() -> None:
    with pytest.raises(SettingsError, match=r"training_counts\['Dog'\]"):
        training_priors(LABELS, {"Dog": -1})
