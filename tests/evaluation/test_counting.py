"""Counting predictions in Spark, compared with tallies of the same rows."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from sparkles.evaluation.bootstrap import bootstrap_intervals
from sparkles.evaluation.counting import _round, count_predictions
from sparkles.evaluation.measures import confusion_counts, measure_tally

from .made_rows import CASES, made_rows


@pytest.mark.parametrize("case", ["binary", "three classes", "ties, three classes"])
def test_the_exact_tally_equals_that_of_the_rows(spark: SparkSession, case: str) -> None:
    rows = CASES[case]
    (ours,) = count_predictions(rows.frame(spark), rows.labels).tables
    (expected,) = rows.tally().tables
    each = np.repeat(np.arange(ours.counts.size), ours.counts)  # equal rows were counted together
    assert np.array_equal(ours.outcomes[each], expected.outcomes)
    np.testing.assert_allclose(ours.losses[each], expected.losses, rtol=1e-12)


def test_equal_rows_are_one_cell(spark: SparkSession) -> None:
    rows = made_rows(2, n=5).taken([0, 1, 2, 3, 4, 4, 4])
    (table,) = count_predictions(rows.frame(spark), rows.labels).tables
    assert sorted(table.counts.tolist()) == [1, 1, 1, 1, 3]


@pytest.mark.parametrize("classes", [2, 3])
def test_rounding_changes_no_metric_by_more_than_a_thousandth(
    spark: SparkSession,
    classes: int,
) -> None:
    rows = made_rows(classes, n=600)
    exact = rows.tally()
    rounded = count_predictions(rows.frame(spark), rows.labels, exact_rows=10)
    assert not rounded.exact
    assert np.array_equal(confusion_counts(rounded), confusion_counts(exact))

    values = measure_tally(exact).headlines(classes)
    for name, value in measure_tally(rounded).headlines(classes).items():
        assert value[0] == pytest.approx(values[name][0], abs=1e-3)
    assert value[0] == pytest.approx(values["log_loss"][0], abs=1e-12)

    intervals = bootstrap_intervals(exact)
    for name, (low, high) in bootstrap_intervals(rounded).items():
        width = intervals[name][1] - intervals[name][0]
        if classes == 3 and "auc" in name:  # drawn class by class: wider
            assert high - low > 0.9 * width
        else:
            np.testing.assert_allclose((low, high), intervals[name], atol=0.15 * width)


def test_rounding_is_to_four_digits_and_keeps_the_ranks(spark: SparkSession) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=300) * 10.0 ** rng.integers(-6, 6, size=300)
    numbers = np.sort([*numbers, 9.9996, 10.001, -9.9996, 0.0, 1e-13, 0.99996, np.inf, -np.inf])
    frame = spark.createDataFrame([(float(x),) for x in numbers], "x double")
    rows = frame.select("x", _round(sf.col("x"), 4).alias("y")).orderBy("x").collect()
    rounded = np.array([row["y"] for row in rows])
    assert (np.diff(rounded[1:-1]) >= 0.0).all()
    finite = np.isfinite(numbers) & (np.abs(numbers) >= 1e-12)
    np.testing.assert_allclose(rounded[finite], numbers[finite], rtol=5.0001e-4)
    by_number = dict(zip(numbers, rounded, strict=True))
    assert by_number[9.9996] == 10.0
    assert by_number[1e-13] == 0.0
    assert by_number[np.inf] == np.inf


def test_the_input_is_unpersisted(spark: SparkSession) -> None:
    rows = CASES["binary"]
    before = spark.sparkContext._jsc.getPersistentRDDs().size()
    count_predictions(rows.frame(spark), rows.labels)
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == before
