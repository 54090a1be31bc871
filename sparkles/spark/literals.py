"""Lists of any length as one literal."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

__all__ = ["array_of_numbers", "array_of_texts"]


def array_of_texts(values: Sequence[str]) -> Column:
    """Return a constant of type array<string>.

    Spark's planner works out the array once. ``F.array`` with a literal for each value makes an
    expression that takes minutes to plan for thousands of values.

    Examples
    --------
    >>> from sparkles.spark.session import build_session
    >>> rows = build_session().range(1)
    >>> rows.select(F.get(array_of_texts(["Car", "Tree"]), F.lit(1))).collect()[0][0]
    'Tree'
    """
    return F.from_json(F.lit(json.dumps(list(values))), "array<string>")


def array_of_numbers(values: Sequence[float]) -> Column:
    """Return a constant of type array<double>; see :func:`array_of_texts`."""
    return F.from_json(F.lit(json.dumps([float(value) for value in values])), "array<double>")
