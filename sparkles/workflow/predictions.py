"""Write the predictions of a run, their metrics, and the rejected images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.ml import Transformer
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import (
    ERROR,
    FEATURES,
    IMAGE_ID,
    LABEL,
    PREDICTED_LABEL,
    PREDICTION,
    PROBABILITY,
    REASON,
    SPLIT,
    URI,
)
from sparkles.evaluation import Evaluation, count_predictions, evaluate_tally, measure_curves
from sparkles.run_files import LedgerFile
from sparkles.spark.literals import array_of_texts
from sparkles.workflow.labelled_images import Examples
from sparkles.workflow.run import Run

__all__ = ["classify", "evaluate_stored", "predicted_columns", "save_results"]

PROBABILITIES = "probabilities"  # map<string,double>: every class's probability by its name


def classify(rows: DataFrame, classifier: Transformer) -> DataFrame:
    """Apply a classifier to stored features (``features`` array<float>, dropped afterwards)."""
    vectors = rows.withColumn(FEATURES, array_to_vector(F.col(FEATURES)))
    return classifier.transform(vectors).drop(FEATURES)


def predicted_columns(labels: Sequence[str]) -> list[Column]:
    """Return columns of the predicted class, its probability, and those of all classes."""
    probabilities = vector_to_array(F.col(PROBABILITY))
    names = array_of_texts(labels)
    winner = F.col(PREDICTION).cast("int") + 1
    return [
        F.element_at(names, winner).alias(PREDICTED_LABEL),
        F.element_at(probabilities, winner).alias(PROBABILITY),
        F.map_from_arrays(names, probabilities).alias(PROBABILITIES),
    ]


def evaluate_stored(
    run: Run,
    predictions: DataFrame,
    labels: Sequence[str],
    training_counts: Mapping[str, int] | None,
    seed: int,
) -> Evaluation:
    """Evaluate stored predictions, and write ``metrics.json`` and ``curves.json``."""
    tally = count_predictions(predictions, labels)
    metrics = evaluate_tally(tally, training_counts=training_counts, seed=seed)
    run.files.write_json(f"{run.folder}/metrics.json", metrics)
    run.files.write_json(f"{run.folder}/curves.json", measure_curves(predictions, tally))
    return metrics


def save_results(
    run: Run, predictions: DataFrame, rejected: DataFrame, examples: Examples, ledger: LedgerFile
) -> None:
    """Write ``predictions/``, ``rejected/`` and ``ledger.json``."""
    _save_predictions(run, predictions, examples.labels)
    _save_rejected(run, rejected, examples.table)
    run.files.write_json(f"{run.folder}/ledger.json", ledger)


def _save_predictions(run: Run, predictions: DataFrame, labels: Sequence[str]) -> None:
    """Write ``predictions/``: the prediction for every featurized row.

    Columns: ``image_id``, ``uri``, ``label``, ``split``, ``predicted_label``, ``probability`` (of
    the predicted class), ``probabilities`` (map from class name).
    """
    table = predictions.select(IMAGE_ID, URI, LABEL, SPLIT, *predicted_columns(labels))
    run.store(table, "predictions")


def _save_rejected(run: Run, rejected: DataFrame, examples: DataFrame) -> None:
    """Write ``rejected/``: ``image_id``, ``uri``, ``labels`` (array), ``reason``, ``error``."""
    labels = examples.groupBy(IMAGE_ID).agg(F.sort_array(F.collect_set(LABEL)).alias("labels"))
    table = rejected.join(labels, on=IMAGE_ID, how="left")
    run.store(table.select(IMAGE_ID, URI, "labels", REASON, ERROR).coalesce(1), "rejected")
