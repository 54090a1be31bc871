"""Histograms counted in Spark, against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.exploration.histogram import bin_in_two, bin_values
from tests.tables import made_table

VALUES = np.random.default_rng(3).lognormal(3, 1, 300).round(3)


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(float(a), float(b)) for a, b in zip(VALUES, VALUES[::-1], strict=True)]
    return made_table(spark, "a double, b double", rows).cache()


def test_bins_are_those_of_numpy(table: DataFrame) -> None:
    found = bin_values(table, "a", VALUES.min(), VALUES.max(), bins=12)
    counts, edges = np.histogram(VALUES, bins=12)
    assert found.counts == counts.tolist()
    assert found.edges == pytest.approx(edges)


def test_logarithmic_bins_are_those_of_the_logarithms(table: DataFrame) -> None:
    found = bin_values(table, "a", VALUES.min(), VALUES.max(), logarithmic=True, bins=9)
    counts, edges = np.histogram(np.log(VALUES), bins=9)
    assert found.counts == counts.tolist()
    assert found.edges == pytest.approx(np.exp(edges))


def test_equal_values_have_one_bin(spark: SparkSession) -> None:
    same = made_table(spark, "a double", [(5.0,)] * 3)
    assert bin_values(same, "a", 5.0, 5.0).counts == [3]


def test_grid_is_that_of_numpy(table: DataFrame) -> None:
    most = float(VALUES.max())
    found = bin_in_two(table, ("a", "b"), (most, most), bins=6)
    counts, *_ = np.histogram2d(VALUES, VALUES[::-1], bins=6, range=[[0, most], [0, most]])
    assert np.array_equal(found["counts"], counts)
