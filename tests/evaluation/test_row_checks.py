"""Checks of prediction rows: every problem is found, counted and named."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DoubleType, StringType, StructType

from sparkles.errors import LabelError, ModelError, SchemaError
from sparkles.evaluation.counting import count_predictions
from sparkles.evaluation.row_checks import RowProblem, check_labels, select_checked

LABELS = ["Car", "Dog"]
NAN = float("nan")
SCHEMA = (
    StructType()
    .add("label", StringType())
    .add("label_index", DoubleType())
    .add("rawPrediction", VectorUDT())
    .add("probability", VectorUDT())
    .add("prediction", DoubleType())
)
VALID = {
    "label": "Dog",
    "label_index": 1.0,
    "rawPrediction": Vectors.dense(-1.0, 1.0),
    "probability": Vectors.dense(0.2, 0.8),
    "prediction": 1.0,
}


def frame(spark: SparkSession, *rows: dict[str, Any]) -> DataFrame:
    return spark.createDataFrame([tuple(row.values()) for row in rows], SCHEMA)


PROBLEMS = [
    ({}, None),
    ({"label_index": None}, RowProblem.LABEL),
    ({"label_index": NAN}, RowProblem.LABEL),
    ({"label_index": 2.0}, RowProblem.LABEL),
    ({"label_index": -1.0}, RowProblem.LABEL),
    ({"label_index": 0.5}, RowProblem.LABEL),
    ({"label": "Car"}, RowProblem.NAME),
    ({"label": None}, RowProblem.NAME),
    ({"prediction": 2.0}, RowProblem.PREDICTION),
    ({"prediction": None}, RowProblem.PREDICTION),
    ({"rawPrediction": None}, RowProblem.NULL),
    ({"probability": None}, RowProblem.NULL),
    ({"probability": Vectors.dense(1.0)}, RowProblem.SIZE),
    ({"rawPrediction": Vectors.dense(1.0, 2.0, 3.0)}, RowProblem.SIZE),
    ({"probability": Vectors.dense(0.5, NAN)}, RowProblem.NAN),
    ({"rawPrediction": Vectors.dense(NAN, 0.0)}, RowProblem.NAN),
    ({"rawPrediction": Vectors.sparse(2, {0: NAN})}, RowProblem.NAN),
]


def test_the_problem_of_a_row_is_identified(spark: SparkSession) -> None:
    rows = frame(spark, *[VALID | wrong for wrong, _ in PROBLEMS])
    found = [
        row["problem"] for row in select_checked(rows, ("Car", "Dog")).select("problem").collect()
    ]
    assert found == [problem for _, problem in PROBLEMS]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"label": "Car"}, LabelError), ({"probability": Vectors.dense(0.5, NAN)}, ModelError)],
)
def test_rows_with_a_problem_are_counted(
    spark: SparkSession,
    wrong: dict[str, Any],
    error: type[Exception],
) -> None:
    with pytest.raises(error, match=r"^in 1 of 2 rows "):
        count_predictions(frame(spark, VALID, VALID | wrong), LABELS)


def test_no_rows_are_an_error(spark: SparkSession) -> None:
    with pytest.raises(LabelError, match="no predictions to evaluate"):
        count_predictions(frame(spark), LABELS)


def test_a_missing_column_is_named(spark: SparkSession) -> None:
    with pytest.raises(SchemaError, match=r"lack \['probability'\]"):
        count_predictions(frame(spark, VALID).drop("probability"), LABELS)


def test_a_column_of_another_type_is_named(spark: SparkSession) -> None:
    wrong = frame(spark, VALID).drop("probability").selectExpr("*", "0.8D AS probability")
    with pytest.raises(SchemaError, match="'probability' must be of type vector, not double"):
        count_predictions(wrong, LABELS)


def test_sparse_vectors_and_integer_indices_are_read(spark: SparkSession) -> None:
    sparse = VALID | {"probability": Vectors.sparse(2, {1: 1.0})}
    whole = frame(spark, sparse).selectExpr(
        "label", "CAST(label_index AS int)", "rawPrediction", "probability", "prediction"
    )
    assert count_predictions(whole, LABELS).tables[0].counts.tolist() == [1]


@pytest.mark.parametrize("labels", [[], ["Car"], ["Car", "Car"]])
def test_labels_are_two_or_more_and_distinct(labels: list[str]) -> None:
    with pytest.raises(LabelError, match="two or more distinct"):
        check_labels(labels)
