"""Logistic regression on features whose classes overlap, against scikit-learn's."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pyspark.sql import SparkSession
from sklearn.linear_model import LogisticRegression

from sparkles.choices import ClassWeights
from sparkles.settings import ClassifierSettings
from sparkles.training import train_classifier

LABELS = ["Car", "Tree"]


@pytest.fixture(scope="module")
def examples() -> tuple[np.ndarray, list[str]]:
    """Return 90 cars and 15 trees that two features tell apart only in part."""
    rng = np.random.default_rng(3)
    cars, trees = rng.normal(0, 1, (90, 2)), rng.normal(0.8, 1, (15, 2))
    return np.concatenate([cars, trees]), ["Car"] * 90 + ["Tree"] * 15


@pytest.mark.parametrize(
    ("weights", "theirs"), [(ClassWeights.NONE, None), (ClassWeights.BALANCED, "balanced")]
)
def test_weights_and_coefficients_are_those_of_scikit_learn(
    spark: SparkSession,
    examples: tuple[np.ndarray, list[str]],
    weights: ClassWeights,
    theirs: str | None,
) -> None:
    features, labels = examples
    rows = spark.createDataFrame(
        [(label, row.tolist()) for label, row in zip(labels, features, strict=True)],
        "label string, features array<float>",
    ).coalesce(1)
    settings = ClassifierSettings(
        class_weights=weights, max_iter=100, reg_param=0.0, elastic_net_param=0.0
    )
    indexer, classifier = train_classifier(rows, LABELS, Counter(labels), settings)
    expected = LogisticRegression(C=np.inf, class_weight=theirs, tol=1e-8).fit(features, labels)
    assert indexer.labels == LABELS
    found = [*classifier.coefficients, classifier.intercept]
    np.testing.assert_allclose(found, [*expected.coef_[0], *expected.intercept_], rtol=1e-3)
