"""Long lists in one literal."""

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sparkles.spark.literals import array_of_numbers, array_of_texts


def test_thousands_of_values_are_one_literal(spark: SparkSession) -> None:
    texts = [f'{number} "quoted" \\ \u00fc' for number in range(15_000)]
    numbers = [0.1 * number for number in range(15_000)]
    place = F.col("id").cast("int")
    rows = spark.range(14_998, 15_001).select(
        F.get(array_of_texts(texts), place).alias("text"),
        F.get(array_of_numbers(numbers), place).alias("number"),
    )
    assert [tuple(row) for row in rows.collect()] == [
        (texts[14_998], numbers[14_998]),
        (texts[14_999], numbers[14_999]),
        (None, None),
    ]
    assert rows._jdf.queryExecution().optimizedPlan().toString().count("from_json") == 0
