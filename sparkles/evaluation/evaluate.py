"""Every metric of a classifier from a DataFrame of its predictions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from pyspark.sql import DataFrame

from sparkles.columns import PROBABILITY, RAW_PREDICTION
from sparkles.evaluation.baseline import majority_class, majority_tally
from sparkles.evaluation.bootstrap import (
    CONFIDENCE_LEVEL,
    RESAMPLES,
    Interval,
    affordable_resamples,
    bootstrap_intervals,
    check_bootstrap,
)
from sparkles.evaluation.counting import EXACT_ROWS, count_predictions
from sparkles.evaluation.definitions import definitions
from sparkles.evaluation.measures import (
    HEADLINES,
    Measures,
    confusion_counts,
    measure_tally,
    outcomes_of,
)
from sparkles.evaluation.metrics import class_rates
from sparkles.evaluation.row_checks import check_labels
from sparkles.evaluation.tables import FloatArray, Outcomes, Tally
from sparkles.run_files import (
    ClassMetrics,
    Estimate,
    Evaluation,
    Metrics,
)

__all__ = ["evaluate_predictions", "evaluate_tally"]

# Classes in the confusion matrix, those with the most rows: a million cells are 3 MB of JSON.
_MOST_IN_MATRIX = 1_000


def evaluate_predictions(
    predictions: DataFrame,
    labels: Sequence[str],
    *,
    training_counts: Mapping[str, int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    exact_rows: int = EXACT_ROWS,
) -> Evaluation:
    """Compute every metric of a classifier, with intervals and a baseline.

    The predictions are read once. The driver receives tables of bounded size, never the rows of
    a large DataFrame; see :func:`sparkles.evaluation.count_predictions`. The metrics agree with
    those that scikit-learn computes from the raw rows.

    Parameters
    ----------
    predictions
        Needs ``label`` (string), ``label_index`` and ``prediction`` (numeric class indices),
        ``rawPrediction`` and ``probability`` (Vector, one entry per class).
    labels
        Two or more class names in index order, for example ``StringIndexerModel.labels``. Of two
        classes, the one of index 1 is the positive class of ``roc_auc`` and ``pr_auc``.
    training_counts
        Class name to number of training rows, for the majority-class baseline; None for no
        baseline.
    resamples
        The number of bootstrap resamples; 0 for no intervals. There are fewer, at least 100, where
        thousands of classes have many different scores; the result holds their number.
    seed
        The random seed of the bootstrap.
    exact_rows
        The largest number of rows whose scores are ranked unrounded; for more rows, scores are
        first rounded to four significant digits.

    Returns
    -------
    Evaluation
        A dict that can be written as JSON. It never contains NaN: undefined values are None.

    Raises
    ------
    SchemaError
        If a column is missing or has another type.
    LabelError
        If there are no rows, fewer than two labels, or rows, predictions or training counts that
        do not agree with `labels`.
    ModelError
        If a score is null or NaN.
    SettingsError
        If `resamples`, `seed` or a training count is negative.

    Examples
    --------
    >>> from pyspark.ml.linalg import Vectors
    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> def row(label, index, margin):
    ...     p = 1.0 / (1.0 + math.exp(-margin))
    ...     raw, probability = Vectors.dense(-margin, margin), Vectors.dense(1.0 - p, p)
    ...     return label, index, raw, probability, float(margin > 0)
    >>> predictions = spark.createDataFrame(
    ...     [row("Car", 0.0, -2.0), row("Car", 0.0, 0.5), row("Dog", 1.0, 1.5)],
    ...     ["label", "label_index", "rawPrediction", "probability", "prediction"],
    ... )
    >>> evaluation = evaluate_predictions(
    ...     predictions, ["Car", "Dog"], training_counts={"Car": 20, "Dog": 10}
    ... )
    >>> evaluation["n"], evaluation["roc_auc"]["value"], evaluation["confusion_matrix"]["counts"]
    (3, 1.0, [[1, 1], [0, 1]])
    >>> evaluation["baseline"]["predicted_class"], evaluation["baseline"]["roc_auc"]["value"]
    ('Car', 0.5)
    """
    labels = check_labels(labels)
    check_bootstrap(resamples, seed, CONFIDENCE_LEVEL)
    if training_counts is not None:
        majority_class(labels, training_counts)  # fail before the Spark job, not after it
    tally = count_predictions(predictions, labels, exact_rows=exact_rows)
    return evaluate_tally(tally, training_counts=training_counts, resamples=resamples, seed=seed)


def evaluate_tally(
    tally: Tally,
    *,
    training_counts: Mapping[str, int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Compute every metric from counted predictions, without Spark.

    Parameters
    ----------
    tally
        The counts.
    training_counts, resamples, seed
        As for :func:`evaluate_predictions`.

    Examples
    --------
    >>> tally = majority_tally(["Car", "Dog"], np.array([6, 4]), {"Car": 3, "Dog": 1})
    >>> evaluate_tally(tally)["accuracy"]["value"]
    0.6
    """
    labels = list(tally.labels)
    resamples = affordable_resamples(tally, resamples)
    metrics = _metrics(tally, resamples, seed)
    per_class = metrics["per_class"]
    support = np.array([row["support"] for row in per_class], dtype=np.int64)
    return {
        "n": int(support.sum()),
        "classes": labels,
        **metrics,
        "absent_classes": [row["name"] for row in per_class if row["support"] == 0],
        "classes_without_auc": [row["name"] for row in per_class if row["roc_auc"] is None],
        "scores": {
            "column": RAW_PREDICTION if len(labels) == 2 else PROBABILITY,
            "exact": tally.exact,
        },
        "bootstrap": {"resamples": resamples, "seed": seed, "confidence": CONFIDENCE_LEVEL},
        "baseline": None
        if training_counts is None
        else {
            **_metrics(majority_tally(labels, support, training_counts), resamples, seed),
            "predicted_class": majority_class(labels, training_counts),
        },
        "definitions": definitions(labels, resamples, CONFIDENCE_LEVEL),
    }


def _metrics(tally: Tally, resamples: int, seed: int) -> Metrics:
    measures = measure_tally(tally)
    values = measures.headlines(len(tally.labels))
    intervals = bootstrap_intervals(tally, resamples=resamples, seed=seed)
    estimate = {name: _estimate(values[name], intervals[name]) for name in HEADLINES}
    outcomes = outcomes_of(tally)
    shown = _largest(outcomes.support[0])
    return {
        "accuracy": estimate["accuracy"],
        "balanced_accuracy": estimate["balanced_accuracy"],
        "weighted_f1": estimate["weighted_f1"],
        "weighted_precision": estimate["weighted_precision"],
        "weighted_recall": estimate["weighted_recall"],
        "macro_f1": estimate["macro_f1"],
        "roc_auc": estimate["roc_auc"],
        "weighted_roc_auc": estimate["weighted_roc_auc"],
        "pr_auc": estimate["pr_auc"],
        "log_loss": estimate["log_loss"],
        "per_class": _per_class(tally.labels, outcomes, measures),
        "confusion_matrix": {
            "labels": [tally.labels[k] for k in shown],
            "rows_are": "true class",
            "columns_are": "predicted class",
            "counts": confusion_counts(tally, shown).tolist(),
        },
    }


def _largest(support: FloatArray) -> list[int]:
    """Return the classes of the confusion matrix, in index order."""
    if support.size <= _MOST_IN_MATRIX:
        return list(range(support.size))
    return sorted(np.argsort(-support, kind="stable")[:_MOST_IN_MATRIX].tolist())


def _estimate(values: FloatArray, interval: Interval | None) -> Estimate:
    value = _number(values)
    low, high = (None, None) if value is None or interval is None else interval
    return {"value": value, "low": low, "high": high}


def _per_class(labels: Sequence[str], outcomes: Outcomes, measures: Measures) -> list[ClassMetrics]:
    rates = class_rates(outcomes)
    return [
        {
            "name": name,
            "support": int(rates.support[0, k]),
            "precision": float(rates.precision[0, k]),
            "recall": float(rates.recall[0, k]),
            "f1": float(rates.f1[0, k]),
            "roc_auc": _number(measures.roc_auc[k]),
            "pr_auc": _number(measures.pr_auc[k]),
        }
        for k, name in enumerate(labels)
    ]


def _number(values: FloatArray) -> float | None:
    """Return the single value of a measure; None for NaN, which JSON does not have."""
    value = float(values[0])
    return None if math.isnan(value) else value
