"""CSV files read by the names in their header, whatever the order of their columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from sparkles.errors import SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.java_errors import storage_failures

__all__ = ["check_exists", "header_cells", "read_csv"]

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
        If nothing is at the path, or its file system cannot be reached.
    """
    files = FileSystem(spark)
    with storage_failures(f"{what} {path} cannot be read"):
        exists = files.exists(path)
    if not exists:
        raise SourceError(f"{what}: there is nothing at {path} (that is {files.absolute(path)})")


def header_cells(line: str, between: str = ",") -> list[str]:
    """Return the cells of the first line of a CSV file."""
    # A longer line is not a header, and Python's csv module would refuse it.
    text = line.removeprefix("\ufeff")[:_MOST_HEADER]
    return [cell.strip() for cell in next(csv.reader([text], delimiter=between), [])]


def read_csv(spark: SparkSession, path: str, what: str, columns: Sequence[str]) -> DataFrame:
    """Read the named columns of a CSV file with a header.

    Parameters
    ----------
    path
        Local or by URI, plain or compressed (``.gz``, ``.bz2``).
    what
        What the file is, for error messages, for example "labels".
    columns
        Column names, in whatever letter case the file has them.

    Returns
    -------
    DataFrame
        The columns as strings, under the names given here.

    Raises
    ------
    SourceError
        If the file does not exist, is empty, or lacks a column or has it twice.
    """
    check_exists(spark, path, what)
    row = spark.read.text(path).first()
    header = header_cells("" if row is None else str(row[0]))
    found = {name.casefold(): position for position, name in enumerate(header)}
    if missing := [name for name in columns if name.casefold() not in found]:
        raise SourceError(
            f"{what} {path}: expected a header with {','.join(columns)}; {','.join(missing)} "
            f"missing, the first line is {','.join(header)[:200] or '(empty)'!r}"
        )
    folded = [name.casefold() for name in header]
    if twice := [name for name in columns if folded.count(name.casefold()) > 1]:
        raise SourceError(
            f"{what} {path}: the column {twice[0]} stands in the header more than once; rename or "
            "delete all but one"
        )
    fields = [StructField(f"c{position}", StringType()) for position in range(len(header))]
    # Quotes are doubled inside quotes (RFC 4180); Spark's own escape is the backslash.
    table = spark.read.csv(
        path, schema=StructType(fields), header=True, mode="PERMISSIVE", escape='"'
    )
    return table.select(*[F.col(f"c{found[name.casefold()]}").alias(name) for name in columns])
