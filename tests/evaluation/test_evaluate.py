"""Evaluations from Spark rows, compared with scikit-learn on the same rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyspark.sql import SparkSession
from sklearn import metrics as sk

from sparkles.errors import LabelError, SettingsError
from sparkles.evaluation import evaluate_predictions, evaluate_tally
from sparkles.evaluation.measures import HEADLINES

from .made_rows import CASES, sklearn_headlines

# test_measures.py tests the formulas with every case; here Spark counts the rows.
COUNTED = ["ties, binary", "five classes", "absent of two", "absent of three", "three separated"]


@pytest.mark.parametrize("case", COUNTED)
def test_metrics_from_spark_rows_agree_with_scikit_learn(spark: SparkSession, case: str) -> None:
    rows = CASES[case]
    evaluation = evaluate_predictions(rows.frame(spark), rows.labels, resamples=0)
    assert evaluation["n"] == rows.truth.size
    for name, expected in sklearn_headlines(rows).items():
        if expected is None or expected != expected:
            assert evaluation[name]["value"] is None
        else:
            assert evaluation[name]["value"] == pytest.approx(expected, abs=1e-12)
    confusion = sk.confusion_matrix(rows.truth, rows.predicted, labels=range(len(rows.labels)))
    assert evaluation["confusion_matrix"]["counts"] == confusion.tolist()


@pytest.mark.parametrize("case", CASES)
def test_the_evaluation_is_json_without_nan(case: str) -> None:
    rows = CASES[case]
    evaluation = evaluate_tally(rows.tally(), training_counts={"Car": 3, "Dog": 2}, resamples=20)
    assert json.loads(json.dumps(evaluation, allow_nan=False)) == evaluation


def test_per_class_metrics_agree_with_scikit_learn() -> None:
    rows = CASES["five classes"]
    per_class = evaluate_tally(rows.tally(), resamples=0)["per_class"]
    expected = sk.precision_recall_fscore_support(rows.truth, rows.predicted, zero_division=0)
    for k, row in enumerate(per_class):
        ours = [row["precision"], row["recall"], row["f1"], row["support"]]
        assert ours == pytest.approx([part[k] for part in expected])


def test_multiclass_roc_auc_is_one_vs_rest() -> None:
    rows = CASES["five classes"]
    evaluation = evaluate_tally(rows.tally(), resamples=0)
    for name, average in (("roc_auc", "macro"), ("weighted_roc_auc", "weighted")):
        expected = sk.roc_auc_score(
            rows.truth, rows.probability, multi_class="ovr", average=average
        )
        assert evaluation[name]["value"] == pytest.approx(expected)


def test_an_absent_class_is_left_out_and_listed() -> None:
    evaluation = evaluate_tally(CASES["absent of three"].tally(), resamples=20)
    assert evaluation["absent_classes"] == evaluation["classes_without_auc"] == ["Dog"]
    assert evaluation["per_class"][1]["roc_auc"] is None
    assert evaluation["per_class"][1]["pr_auc"] is None
    areas = [row["roc_auc"] for row in evaluation["per_class"] if row["roc_auc"] is not None]
    assert evaluation["roc_auc"]["value"] == pytest.approx(sum(areas) / 2)
    assert "left out" in evaluation["definitions"]["roc_auc"]


def test_an_undefined_metric_is_none_throughout() -> None:
    evaluation = evaluate_tally(CASES["absent of two"].tally(), resamples=20)
    assert evaluation["roc_auc"] == {"value": None, "low": None, "high": None}
    assert evaluation["classes_without_auc"] == ["Car", "Dog"]


def test_the_baseline_has_the_same_shape_and_rows() -> None:
    counts = {"Car": 30, "Dog": 60, "Tree": 10}
    evaluation = evaluate_tally(CASES["three classes"].tally(), training_counts=counts)
    baseline = evaluation["baseline"]
    shared = {*HEADLINES, "per_class", "confusion_matrix"}
    assert set(baseline) == shared | {"predicted_class"}
    assert shared < set(evaluation)
    assert baseline["predicted_class"] == "Dog"
    supports = [row["support"] for row in evaluation["per_class"]]
    assert [row["support"] for row in baseline["per_class"]] == supports
    assert baseline["roc_auc"] == {"value": 0.5, "low": 0.5, "high": 0.5}


def test_every_headline_has_a_definition() -> None:
    for case in ("binary", "three classes"):
        evaluation = evaluate_tally(CASES[case].tally(), resamples=0)
        assert set(HEADLINES) < set(evaluation["definitions"])


def test_scores_of_large_data_are_rounded_and_marked_as_not_exact(spark: SparkSession) -> None:
    rows = CASES["three classes"]
    evaluation = evaluate_predictions(
        rows.frame(spark), rows.labels, resamples=20, exact_rows=rows.truth.size - 1
    )
    assert evaluation["scores"] == {"column": "probability", "exact": False}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"training_counts": {"Bat": 1}}, LabelError),
        ({"resamples": -1}, SettingsError),
        ({"labels": ["Car"]}, LabelError),
    ],
)
def test_wrong_settings_fail_before_spark_is_used(
    wrong: dict[str, Any],
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        evaluate_predictions(None, **{"labels": ["Car", "Dog"]} | wrong)
