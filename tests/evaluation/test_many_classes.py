"""Thousands of classes: what the driver holds is bounded, and the numbers stay right."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn import metrics as sk

from sparkles.evaluation import baseline, counting, curves, evaluate
from sparkles.evaluation.baseline import majority_tally
from sparkles.evaluation.bootstrap import affordable_resamples
from sparkles.evaluation.counting import count_predictions
from sparkles.evaluation.evaluate import evaluate_tally
from sparkles.evaluation.measures import measure_tally
from tests.evaluation.made_rows import made_rows


def test_the_baseline_of_many_classes_is_that_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, support = ["Car", "Dog", "Tree", "Hat"], np.array([4, 0, 5, 6])
    counts = {"Car": 10, "Dog": 60, "Tree": 30}
    few = measure_tally(majority_tally(labels, support, counts)).headlines(4)
    monkeypatch.setattr(baseline, "_MOST_SCORES", 0)
    wide = majority_tally(labels, support, counts)
    assert [table.counts.size for table in wide.tables] == [3, 3, 2, 1, 2, 2]
    for name, value in measure_tally(wide).headlines(4).items():
        assert value[0] == pytest.approx(few[name][0])


@pytest.mark.parametrize(
    ("classes", "digits"), [(2, 4), (185, 4), (186, 3), (1_851, 3), (1_852, 2), (40_000, 1)]
)
def test_scores_of_more_classes_keep_fewer_digits(classes: int, digits: int) -> None:
    assert counting._digits(classes) == digits
    assert digits == 1 or classes * 108 * 10 ** (digits - 1) <= 20_000_000


def test_the_driver_receives_no_more_scores_than_the_limit(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = made_rows(3, n=20)
    monkeypatch.setattr(counting, "_EXACT_SCORES", 59)
    assert not count_predictions(rows.frame(spark), rows.labels).exact


def test_the_matrix_and_the_curves_are_of_the_largest_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = made_rows(5, n=60)
    tally = rows.tally()
    whole = evaluate_tally(tally, resamples=5)
    monkeypatch.setattr(evaluate, "_MOST_IN_MATRIX", 2)
    monkeypatch.setattr(curves, "MOST_CLASSES", 2)
    support = np.bincount(rows.truth, minlength=5)
    largest = sorted(np.argsort(-support, kind="stable")[:2])
    matrix = evaluate_tally(tally, resamples=5)["confusion_matrix"]
    assert matrix["labels"] == [rows.labels[k] for k in largest]
    counts = np.array(whole["confusion_matrix"]["counts"])
    assert matrix["counts"] == counts[np.ix_(largest, largest)].tolist()
    assert [curve["name"] for curve in curves.trace_curves(tally)] == matrix["labels"]


CLASSES, ROWS = 15_000, 150


def predictions(spark: SparkSession) -> tuple[DataFrame, np.ndarray, np.ndarray, list[str]]:
    """Return predictions for rows of 15,000 classes; one in three rows is wrong."""
    labels = [f"class {k}" for k in range(CLASSES)]
    truth = np.arange(ROWS) * 7 % CLASSES
    predicted = np.where(np.arange(ROWS) % 3 == 0, (truth + 1) % CLASSES, truth)
    rows = spark.range(ROWS).select((F.col("id") * 7 % CLASSES).cast("int").alias("t"))
    wrong = (F.col("t") / 7).cast("int") % 3 == 0
    rows = rows.withColumn("y", F.when(wrong, (F.col("t") + 1) % CLASSES).otherwise(F.col("t")))
    chance = F.transform(
        F.sequence(F.lit(0), F.lit(CLASSES - 1)),
        lambda k: F.when(k == F.col("y"), F.lit(0.5)).otherwise(F.lit(0.5 / (CLASSES - 1))),
    )
    found = rows.select(
        F.concat(F.lit("class "), F.col("t")).alias("label"),
        F.col("t").cast("double").alias("label_index"),
        F.col("y").cast("double").alias("prediction"),
        array_to_vector(chance).alias("rawPrediction"),
        array_to_vector(chance).alias("probability"),
    )
    return found, truth, predicted, labels


@pytest.mark.slow
def test_fifteen_thousand_classes_are_evaluated(spark: SparkSession) -> None:
    frame, truth, predicted, labels = predictions(spark)
    tally = count_predictions(frame, labels)
    assert not tally.exact
    assert sum(table.counts.size for table in tally.tables) < 20_000_000
    assert affordable_resamples(tally, 1000) == 1000
    training = {name: 1 + k % 5 for k, name in enumerate(labels)}
    found = evaluate_tally(tally, training_counts=training, resamples=10)
    assert found["accuracy"]["value"] == pytest.approx(sk.accuracy_score(truth, predicted))
    assert found["weighted_f1"]["value"] == pytest.approx(
        sk.f1_score(truth, predicted, average="weighted", zero_division=0)
    )
    assert found["baseline"] is not None
    assert found["baseline"]["predicted_class"] == "class 4"
    assert len(found["absent_classes"]) == CLASSES - ROWS
    matrix = found["confusion_matrix"]
    shown = {int(name.split()[1]) for name in matrix["labels"]}
    assert len(shown) == 1000
    assert shown >= set(truth)
    inside = sum(one in shown for one in predicted)
    assert np.array(matrix["counts"]).sum() == inside > (truth == predicted).sum()
    assert len(json.dumps(found)) < 20_000_000
    assert len(curves.measure_curves(frame, tally)["classes"]) == 1000
