"""One Spark job: from a DataFrame of predictions to small tables on the driver."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from sparkles.evaluation.row_checks import (
    LOSS,
    PREDICTED,
    SCORES,
    TRUTH,
    check_labels,
    count_valid_rows,
    select_checked,
)
from sparkles.evaluation.tables import ClassScores, Table, Tally

__all__ = ["EXACT_ROWS", "count_predictions"]

EXACT_ROWS = 200_000

# The most scores of all rows and classes that the driver receives unrounded: 16 MB.
_EXACT_SCORES = 2_000_000

# The most cells of rounded scores, for all classes together.
_MOST_CELLS = 20_000_000
_DIGITS, _DECADES = 4, 12

# Smaller scores are rounded to zero, which bounds the number of decades.
_SMALLEST = 1e-12

# The kinds of margin, apart from those of the classes, whose kind is their index (0, 1, ...).
_OUTCOME, _LOSS = -2, -1

_CELL = [("kind", "i8"), ("key", "f8"), ("positive", "?"), ("count", "i8"), ("mean", "f8")]


def count_predictions(
    predictions: DataFrame, labels: Sequence[str], *, exact_rows: int = EXACT_ROWS
) -> Tally:
    """Count equal rows of predictions.

    Up to `exact_rows` rows, and up to 2,000,000 scores, which are rows times classes, the driver
    receives the distinct rows (indices, loss and scores), at 8 bytes per number: 11 MB for 200,000
    rows and three classes. Every metric is then exact.

    For more it receives margins: separate counts of outcomes, of losses and of each class's
    scores. Scores and losses are first rounded to four significant digits, and those below 1e-12
    to zero. Rounding keeps the ranks but ties scores that agree in four digits, and a tied pair
    counts half; the areas change by at most half the share of (positive, negative) pairs that
    rounding ties. There are at most 9,000 rounded numbers per decade, so there are at most 108,000
    probabilities per class, whatever the number of rows. From 186 classes on, scores keep three
    digits, from 1,852 on two, and from 18,519 on one, so that there are at most 20 million cells.
    The mean log loss stays exact, because each cell keeps the mean of the losses in it.

    Parameters
    ----------
    predictions
        Needs ``label`` (string), ``label_index`` and ``prediction`` (numeric class indices),
        ``rawPrediction`` and ``probability`` (Vector, one entry per class).
    labels
        Class names in index order.
    exact_rows
        The largest number of rows that are counted exactly.

    Returns
    -------
    Tally
        The score of a class is its ``rawPrediction`` for two classes and its ``probability`` for
        more.

    Raises
    ------
    SchemaError
        If a column is missing or has another type.
    LabelError
        If there are no rows, fewer than two labels, or rows whose label or prediction does not
        agree with `labels`.
    ModelError
        If a score is null or NaN.

    Examples
    --------
    >>> from pyspark.ml.linalg import Vectors
    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> raw, probability = Vectors.dense(-1.0, 1.0), Vectors.dense(0.27, 0.73)
    >>> predictions = spark.createDataFrame(
    ...     [("Dog", 1.0, raw, probability, 1.0), ("Car", 0.0, raw, probability, 1.0)],
    ...     ["label", "label_index", "rawPrediction", "probability", "prediction"],
    ... )
    >>> count_predictions(predictions, ["Car", "Dog"]).tables[0].outcomes.tolist()
    [1, 3]
    """
    labels = check_labels(labels)
    rows = select_checked(predictions, labels).persist()
    try:
        most = min(exact_rows, _EXACT_SCORES // len(labels))
        exact = count_valid_rows(rows, labels) <= most
        return _distinct_rows(rows, labels) if exact else _margins(rows, labels)
    finally:
        rows.unpersist()


def _distinct_rows(rows: DataFrame, labels: tuple[str, ...]) -> Tally:
    counted = rows.groupBy(TRUTH, PREDICTED, LOSS, SCORES).agg(sf.count("*").alias("count"))
    cells = _receive(
        counted.select(TRUTH, PREDICTED, LOSS, SCORES, "count"),
        [
            (TRUTH, "i8"),
            (PREDICTED, "i8"),
            (LOSS, "f8"),
            (SCORES, "f8", (len(labels),)),
            ("count", "i8"),
        ],
    )
    return Tally.of_rows(
        labels, cells[TRUTH], cells[PREDICTED], cells[SCORES], cells[LOSS], cells["count"]
    )


def _margins(rows: DataFrame, labels: tuple[str, ...]) -> Tally:
    classes = len(labels)
    outcome = (sf.col(TRUTH) * sf.lit(classes) + sf.col(PREDICTED)).cast("double")
    loss = sf.col(LOSS)
    of_row = sf.array(
        _margin(sf.lit(_OUTCOME), outcome, outcome),
        _margin(sf.lit(_LOSS), _round(loss, _DIGITS), loss),
    )
    digits = _digits(classes)
    # One expression for all classes: thousands of expressions would take minutes to plan.
    of_classes = sf.transform(
        SCORES,
        lambda score, k: _margin(k, _round(score, digits), score, sf.col(TRUTH) == k),
    )
    counted = (
        rows.select(sf.explode(sf.concat(of_row, of_classes)).alias("margin"))
        .select("margin.*")
        .groupBy("kind", "key", "positive")
        .agg(sf.count("*").alias("count"), sf.avg("number").alias("mean"))
    )
    cells = _receive(counted.select(*[name for name, _ in _CELL]), _CELL)
    cells = np.sort(cells, order=["kind", "key", "positive"])
    return _tally_of_margins(labels, cells)


def _tally_of_margins(labels: tuple[str, ...], cells: NDArray[np.void]) -> Tally:
    kinds = np.arange(_OUTCOME + 1, len(labels))
    outcomes, losses, *scores = np.split(cells, np.searchsorted(cells["kind"], kinds))
    return Tally.of_margins(
        labels,
        Table(outcomes["count"], outcomes=outcomes["key"].astype(np.int64)),
        Table(losses["count"], losses=losses["mean"]),
        [
            Table(cell["count"], scores={k: ClassScores.of(cell["key"], cell["positive"])})
            for k, cell in enumerate(scores)
        ],
    )


def _digits(classes: int) -> int:
    """Return how many significant digits of scores are kept, so that the cells are not too many."""
    for digits in range(_DIGITS, 1, -1):
        if classes * _DECADES * 9 * 10 ** (digits - 1) <= _MOST_CELLS:
            return digits
    return 1


def _margin(kind: Column, key: Column, number: Column, positive: Column | None = None) -> Column:
    return sf.struct(
        kind.cast("int").alias("kind"),
        key.alias("key"),
        (sf.lit(False) if positive is None else positive).alias("positive"),
        number.alias("number"),
    )


def _round(number: Column, digits: int) -> Column:
    # By way of text: scaling by a power of ten would round twice, and could swap 9.9996 and 10.001.
    rounded = sf.format_string(f"%.{digits - 1}e", number).cast("double")
    return sf.when(sf.abs(number) < sf.lit(_SMALLEST), sf.lit(0.0)).otherwise(rounded)


def _receive(cells: DataFrame, dtype: DTypeLike) -> NDArray[np.void]:
    """Collect a table of bounded size on the driver, one partition at a time."""
    return np.fromiter((tuple(row) for row in cells.toLocalIterator()), dtype=np.dtype(dtype))
