"""Checks of the rows of predictions, and errors that name what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, NumericType, StringType, StructType

from sparkles import columns
from sparkles.errors import LabelError, ModelError, SchemaError, UserError
from sparkles.spark.literals import array_of_texts

__all__ = [
    "LOSS",
    "PREDICTED",
    "SCORES",
    "TRUTH",
    "RowProblem",
    "check_labels",
    "count_valid_rows",
    "select_checked",
]

# The columns of the DataFrame from select_checked; only this folder uses them.
TRUTH = "truth"  # int: the true class's index
PREDICTED = "predicted"  # int: the predicted class's index
LOSS = "loss"  # double: log loss in nats
SCORES = "scores"  # array<double>: one score per class
PROBLEM = "problem"  # string: a value of RowProblem; null in a valid row

_READ: dict[str, type[DataType]] = {
    columns.LABEL: StringType,
    columns.LABEL_INDEX: NumericType,
    columns.RAW_PREDICTION: VectorUDT,
    columns.PROBABILITY: VectorUDT,
    columns.PREDICTION: NumericType,
}


class RowProblem(StrEnum):
    """What can be wrong with a row, in the order in which it is reported."""

    LABEL = "label_index is not an index into the labels"
    NAME = "label is not the name at label_index of the labels"
    PREDICTION = "prediction is not an index into the labels"
    NULL = "rawPrediction or probability is null"
    SIZE = "rawPrediction or probability does not have one entry per class"
    NAN = "rawPrediction or probability contains NaN"


_REMEDY = {
    RowProblem.LABEL: "Drop rows of classes that the indexer does not know (handleInvalid='skip')",
    RowProblem.NAME: "Pass the labels of the fitted StringIndexer in their order",
    RowProblem.PREDICTION: "Pass the labels that the classifier was trained on",
    RowProblem.NULL: "Remove rows without features before the classifier",
    RowProblem.SIZE: "Pass the labels that the classifier was trained on",
    RowProblem.NAN: "Look for NaN in the features, or train again with more regularization",
}


def check_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Check that there are two or more distinct class names.

    Raises
    ------
    LabelError
        If there are fewer, or one occurs twice.

    Examples
    --------
    >>> check_labels(["Car", "Dog"])
    ('Car', 'Dog')
    """
    names = tuple(labels)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if len(names) < 2 or twice:
        found = f"{twice} more than once" if twice else f"{len(names)}: {list(names)}"
        raise LabelError(
            f"labels must be two or more distinct class names in index order; got {found}. Pass "
            "the labels of the fitted StringIndexer"
        )
    return names


def select_checked(predictions: DataFrame, labels: tuple[str, ...]) -> DataFrame:
    """Select what the tables need from each row, and what is wrong with it.

    Parameters
    ----------
    predictions
        Needs ``label``, ``label_index``, ``rawPrediction``, ``probability`` and ``prediction``.
    labels
        Class names in index order.

    Returns
    -------
    DataFrame
        Columns ``truth`` and ``predicted`` (int), ``loss`` (double, nats), ``scores``
        (array<double>) and ``problem`` (string, null in a valid row).

    Raises
    ------
    SchemaError
        If a column is missing or has another type.
    """
    _check_schema(predictions.schema)
    classes = len(labels)
    raw, probability = _array(columns.RAW_PREDICTION), _array(columns.PROBABILITY)
    opened = predictions.select(
        sf.col(columns.LABEL),
        _index(columns.LABEL_INDEX, classes).alias(TRUTH),
        _index(columns.PREDICTION, classes).alias(PREDICTED),
        raw.alias("raw"),
        probability.alias("probability"),
    )
    return opened.select(
        TRUTH,
        PREDICTED,
        _loss(sf.get("probability", sf.col(TRUTH))).alias(LOSS),
        sf.col("raw" if classes == 2 else "probability").alias(SCORES),
        _problem(labels).alias(PROBLEM),
    )


def count_valid_rows(rows: DataFrame, labels: tuple[str, ...]) -> int:
    """Count the rows of a DataFrame from select_checked, and check that all are valid.

    Raises
    ------
    LabelError
        If there are no rows, or labels or predictions do not agree with `labels`.
    ModelError
        If a score is null or NaN.
    """
    counted = rows.groupBy(PROBLEM).agg(sf.count("*").alias("count"))
    by_problem = {row[PROBLEM]: int(row["count"]) for row in counted.collect()}
    n = sum(by_problem.values())
    if n == 0:
        raise LabelError(
            "there are no predictions to evaluate: expected one or more rows, got none. Check the "
            "split, and which rows the featurizer and the indexer left out"
        )
    for problem in RowProblem:
        if problem in by_problem:
            raise _error(problem, by_problem[problem], n, labels)
    return n


def _error(problem: RowProblem, rows: int, n: int, labels: tuple[str, ...]) -> UserError:
    kind = ModelError if problem in (RowProblem.NULL, RowProblem.NAN) else LabelError
    names = ", ".join(labels[:5]) + (", ..." if len(labels) > 5 else "")
    return kind(
        f"in {rows} of {n} rows {problem.value}; the {len(labels)} labels are {names}. "
        f"{_REMEDY[problem]}"
    )


def _check_schema(schema: StructType) -> None:
    missing = [name for name in _READ if name not in schema.fieldNames()]
    if missing:
        raise SchemaError(
            f"the predictions lack {missing}; expected {list(_READ)}, got {schema.fieldNames()}. "
            "Pass the result of the fitted pipeline's transform"
        )
    for name, kind in _READ.items():
        found = schema[name].dataType
        if not isinstance(found, kind):
            expected = kind.__name__.removesuffix("Type").removesuffix("UDT").lower()
            raise SchemaError(
                f"column {name!r} must be of type {expected}, not {found.simpleString()}. Pass the "
                "result of the fitted pipeline's transform"
            )


def _array(name: str) -> Column:
    # vector_to_array fails at null with an error from the JVM; rows with nulls are counted instead.
    return sf.when(sf.col(name).isNotNull(), vector_to_array(sf.col(name)))


def _index(name: str, classes: int) -> Column:
    index = sf.col(name).cast("double")
    whole = index.between(0, classes - 1) & (index == sf.floor(index))
    return sf.when(whole, index.cast("int"))  # only if whole: in ANSI mode casting NaN fails


def _loss(probability: Column) -> Column:
    eps = float(np.finfo(np.float64).eps)
    return -sf.log(sf.least(sf.greatest(probability, sf.lit(eps)), sf.lit(1.0 - eps)))


def _problem(labels: tuple[str, ...]) -> Column:
    raw, probability = sf.col("raw"), sf.col("probability")
    name = sf.get(array_of_texts(labels), sf.col(TRUTH))
    wrong = {
        RowProblem.LABEL: sf.col(TRUTH).isNull(),
        RowProblem.NAME: ~sf.col(columns.LABEL).eqNullSafe(name),
        RowProblem.PREDICTION: sf.col(PREDICTED).isNull(),
        RowProblem.NULL: raw.isNull() | probability.isNull(),
        RowProblem.SIZE: (sf.size(raw) != len(labels)) | (sf.size(probability) != len(labels)),
        RowProblem.NAN: sf.exists(raw, sf.isnan) | sf.exists(probability, sf.isnan),
    }
    return sf.coalesce(*[sf.when(wrong[problem], sf.lit(problem.value)) for problem in RowProblem])
