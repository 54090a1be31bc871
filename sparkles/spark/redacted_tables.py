"""Tables without secrets, as they are written to outputs."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE_ID, URI
from sparkles.redaction import MARK, SECRETS

__all__ = ["redact_column", "redact_table"]


def redact_table(table: DataFrame) -> DataFrame:
    """Return a table whose ids, URIs and errors have no secrets; see :func:`redact`.

    The columns keep their order and types.
    """
    shown = [name for name in (IMAGE_ID, URI, ERROR) if name in table.columns]
    return table.withColumns({name: redact_column(F.col(name)) for name in shown})


def redact_column(column: Column) -> Column:
    """Do what :func:`sparkles.redaction.redact` does, in Spark."""
    for pattern in SECRETS:
        column = F.regexp_replace(column, pattern, f"$1{MARK}")
    return column
