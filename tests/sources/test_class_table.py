"""Classes as a table have a row for each key."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.sources import LabelClass
from sparkles.sources.class_table import class_table


def test_each_spelling_of_a_class_has_a_row(spark: SparkSession) -> None:
    classes = [LabelClass("b", 'B "quoted"'), LabelClass("a", "\u00fc", ("A", "\u0101"))]
    assert [tuple(row) for row in class_table(spark, classes).collect()] == [
        ("b", 'B "quoted"', 0),
        ("a", "\u00fc", 1),
        ("A", "\u00fc", 1),
        ("\u0101", "\u00fc", 1),
    ]
