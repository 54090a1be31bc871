"""The calibration of probabilities, and the effect of thresholds on them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as sf

from sparkles.columns import LABEL_INDEX, PREDICTION, PROBABILITY
from sparkles.run_files import Calibration, CalibrationBin, Coverage, Threshold

__all__ = ["BINS", "THRESHOLDS", "measure_calibration", "measure_thresholds"]

BINS = 15  # as in Guo et al. 2017
THRESHOLDS = (0.01, 0.05, *[round(0.1 * tenth, 1) for tenth in range(1, 10)], 0.95, 0.99)

_TOP, _RIGHT, _POSITIVE, _TRUE, _BIN = "top", "right", "positive", "true", "bin"


def measure_calibration(predictions: DataFrame) -> Calibration:
    """Compare a classifier's probabilities with its accuracy.

    Parameters
    ----------
    predictions
        Needs ``label_index``, ``prediction`` and ``probability`` (Vector), which
        :func:`~sparkles.evaluation.count_predictions` has checked.

    Returns
    -------
    Calibration
        ``bins`` of equal width by the probability of the predicted class (``low`` < p <= ``high``;
        empty bins are left out); the expected calibration error ``ece``, which is the gap between
        accuracy and mean probability, averaged over the bins with their rows as weights (Guo et al.
        2017, "On Calibration of Modern Neural Networks", eq. 3); and the Brier score ``brier``,
        which is the mean over rows of the sum over classes of (probability - truth)² (Brier 1950).

    Examples
    --------
    >>> from pyspark.ml.linalg import Vectors
    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> rows = [(1.0, 1.0, Vectors.dense(0.2, 0.8)), (0.0, 1.0, Vectors.dense(0.4, 0.6))]
    >>> found = measure_calibration(
    ...     spark.createDataFrame(rows, ["label_index", "prediction", "probability"]))
    >>> round(found["ece"], 3), round(found["brier"], 3)
    (0.4, 0.4)
    """
    rows = _opened(predictions)
    place = sf.greatest(sf.ceil(sf.col(_TOP) * BINS) - 1, sf.lit(0)).cast("int")
    found = (
        rows.groupBy(place.alias(_BIN))
        .agg(
            sf.count("*").alias("count"),
            sf.avg(_TOP).alias("confidence"),
            sf.avg(sf.col(_RIGHT).cast("double")).alias("accuracy"),
            sf.sum("brier").alias("brier"),
        )
        .sort(_BIN)
        .collect()  # one row per bin
    )
    total = sum(row["count"] for row in found)
    gaps = [row["count"] * abs(row["accuracy"] - row["confidence"]) for row in found]
    return {
        "bins": [_bin(row) for row in found],
        "ece": sum(gaps) / total,
        "brier": sum(row["brier"] for row in found) / total,
    }


def _bin(row: Row) -> CalibrationBin:
    return {
        "low": round(row[_BIN] / BINS, 6),
        "high": round((row[_BIN] + 1) / BINS, 6),
        "count": int(row["count"]),
        "confidence": float(row["confidence"]),
        "accuracy": float(row["accuracy"]),
    }


def measure_thresholds(
    predictions: DataFrame, labels: Sequence[str]
) -> tuple[list[Threshold], list[Coverage]]:
    """Measure the effect of thresholds on the probabilities.

    Parameters
    ----------
    predictions
        As for :func:`measure_calibration`.
    labels
        Class names in index order.

    Returns
    -------
    thresholds
        For two classes: a row counts as the second class if the probability of that class is at
        least ``threshold``. ``flagged`` is the number of such rows, ``precision`` is None if there
        are none, and ``recall`` and ``false_positive_rate`` are None if no row, or every row,
        belongs to the class. Empty for more classes.
    coverage
        A row is answered only if the probability of its predicted class is at least
        ``threshold``: the number of rows ``answered``, their share (``coverage``) and their
        ``accuracy`` (None if there are none).
    """
    rows = _opened(predictions)
    sums = [sf.count("*").alias("n"), _count_true(sf.col(_TRUE)).alias("true")]
    for place, least in enumerate(THRESHOLDS):
        flagged, answered = sf.col(_POSITIVE) >= least, sf.col(_TOP) >= least
        sums += [
            _count_true(flagged).alias(f"flagged{place}"),
            _count_true(flagged & sf.col(_TRUE)).alias(f"found{place}"),
            _count_true(answered).alias(f"answered{place}"),
            _count_true(answered & sf.col(_RIGHT)).alias(f"right{place}"),
        ]
    row = rows.agg(*sums).collect()[0]
    places = range(len(THRESHOLDS))
    of_two = [_threshold(row, place) for place in places] if len(labels) == 2 else []
    return of_two, [_coverage(row, place) for place in places]


def _threshold(row: Row, place: int) -> Threshold:
    flagged, found, true = row[f"flagged{place}"], row[f"found{place}"], row["true"]
    return {
        "threshold": THRESHOLDS[place],
        "flagged": int(flagged),
        "precision": _share(found, flagged),
        "recall": _share(found, true),
        "false_positive_rate": _share(flagged - found, row["n"] - true),
    }


def _coverage(row: Row, place: int) -> Coverage:
    answered, right = row[f"answered{place}"], row[f"right{place}"]
    return {
        "threshold": THRESHOLDS[place],
        "answered": int(answered),
        "coverage": answered / row["n"],
        "accuracy": _share(right, answered),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _count_true(condition: Column) -> Column:
    return sf.sum(condition.cast("int"))


def _opened(predictions: DataFrame) -> DataFrame:
    probabilities = vector_to_array(sf.col(PROBABILITY))
    truth, predicted = sf.col(LABEL_INDEX).cast("int"), sf.col(PREDICTION).cast("int")
    # The sum of (p - truth)² over the classes is the sum of p² - 2 p(true class) + 1.
    squares = sf.aggregate("p", sf.lit(0.0), lambda total, p: total + p * p)
    return (
        predictions.select(probabilities.alias("p"), truth.alias("t"), predicted.alias("y"))
        .withColumn("brier", squares - 2 * sf.get("p", sf.col("t")) + 1)
        .select(
            sf.get("p", sf.col("y")).alias(_TOP),
            (sf.col("t") == sf.col("y")).alias(_RIGHT),
            sf.get("p", sf.lit(1)).alias(_POSITIVE),
            (sf.col("t") == 1).alias(_TRUE),
            "brier",
        )
    )
