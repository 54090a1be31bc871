"""Small DataFrames that need no Python worker, unlike ``createDataFrame`` with a list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame, SparkSession

__all__ = ["made_table"]


def made_table(spark: SparkSession, schema: str, rows: Iterable[Sequence[object]]) -> DataFrame:
    """Create a DataFrame from rows, with binary cells in Base64 and NaN as the string ``NaN``."""
    names = [part.split()[0] for part in schema.split(", ")]
    cells = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
    kind = f"array<struct<{', '.join(part.replace(' ', ': ', 1) for part in schema.split(', '))}>>"
    query = f"SELECT inline(from_json(:cells, '{kind}', map('allowNonNumericNumbers', 'true')))"
    return spark.sql(query, args={"cells": cells})
