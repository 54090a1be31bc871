"""The chosen classes as a table, to join labels with."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from sparkles.columns import LABEL, MID
from sparkles.sources.classes import LabelClass

__all__ = ["CLASS_ORDER", "class_table"]

CLASS_ORDER = "class_order"  # int: the label's place among the chosen classes


def class_table(spark: SparkSession, classes: Sequence[LabelClass]) -> DataFrame:
    """Return a row for each key of each class.

    Join it (broadcast): an expression with a branch for each class takes minutes from a hundred
    classes on. Unlike ``createDataFrame`` with a list, this needs no Python worker.

    Returns
    -------
    DataFrame
        ``mid`` string (unique), ``label`` string (the display name), ``class_order`` int.

    Examples
    --------
    >>> from sparkles.spark.session import build_session
    >>> classes = [LabelClass("/m/0k4j", "Car"), LabelClass("/m/07j7r", "Tree")]
    >>> [tuple(row) for row in class_table(build_session(), classes).collect()]
    [('/m/0k4j', 'Car', 0), ('/m/07j7r', 'Tree', 1)]
    """
    rows = [
        {MID: key, LABEL: chosen.name, CLASS_ORDER: place}
        for place, chosen in enumerate(classes)
        for key in chosen.keys
    ]
    kind = f"array<struct<{MID}: string, {LABEL}: string, {CLASS_ORDER}: int>>"
    return spark.sql(f"SELECT inline(from_json(:rows, '{kind}'))", args={"rows": json.dumps(rows)})
