"""What comes before a table is read: whether it is there, and its header."""

from __future__ import annotations

import csv

from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.java_errors import storage_failures

__all__ = ["check_exists", "header_cells"]

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
