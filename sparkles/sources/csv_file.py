"""CSV files read by the names in their header, whatever the order of their columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, StructField, StructType

from sparkles.errors import SourceError
from sparkles.spark.filesystem import FileSystem

__all__ = ["check_exists", "first_line", "read_csv"]

_MOST_HEADER = 100_000  # characters


def check_exists(spark: SparkSession, path: str, what: str) -> None:
    """Refuse a path that does not exist.

    Parameters
    ----------
    what
        What the path is to be, for the error message, for example "labels".

    Raises
    ------
    SourceError
        If nothing is at the path.
    """
    files = FileSystem(spark)
    if not files.exists(path):
        raise SourceError(f"{what}: there is nothing at {path} (that is {files.absolute(path)})")


def first_line(spark: SparkSession, path: str) -> list[str]:
    """Return the cells of the first line of a CSV file, which may be compressed."""
    row = spark.read.text(path).first()
    # A line that long is not a header, and Python's csv module would refuse it.
    text = "" if row is None else str(row[0]).removeprefix("\ufeff")[:_MOST_HEADER]
    return [cell.strip() for cell in next(csv.reader([text]), [])]


def read_csv(
    spark: SparkSession,
    path: str,
    what: str,
    required: Mapping[str, DataType],
    optional: Mapping[str, DataType] | None = None,
) -> DataFrame:
    """Read the named columns of a CSV file with a header.

    Parameters
    ----------
    path
        Local or by URI, plain or compressed (``.gz``, ``.bz2``).
    what
        What the file is, for error messages, for example "labels".
    required, optional
        Column names, in whatever letter case the file has them, and their types. A cell that
        does not parse becomes null; an optional column that is absent is null throughout.

    Returns
    -------
    DataFrame
        The required, then the optional columns, under the names given here.

    Raises
    ------
    SourceError
        If the file does not exist, is empty or lacks a required column.
    """
    check_exists(spark, path, what)
    optional = optional or {}
    types = {name.casefold(): kind for name, kind in {**required, **optional}.items()}
    header = first_line(spark, path)
    found = {name.casefold(): position for position, name in enumerate(header)}
    if missing := [name for name in required if name.casefold() not in found]:
        raise SourceError(
            f"{what} {path}: expected a header with {','.join(required)}; {','.join(missing)} "
            f"missing, the first line is {','.join(header)[:200] or '(empty)'!r}"
        )
    fields = [
        StructField(f"c{position}", types.get(name.casefold(), StringType()))
        for position, name in enumerate(header)
    ]
    # Quotes are doubled inside quotes (RFC 4180); Spark's own escape is the backslash.
    table = spark.read.csv(
        path, schema=StructType(fields), header=True, mode="PERMISSIVE", escape='"'
    )
    return table.select(
        *[
            F.col(f"c{found[name.casefold()]}").alias(name)
            if name.casefold() in found
            else F.lit(None).cast(kind).alias(name)
            for name, kind in {**required, **optional}.items()
        ]
    )
