"""A file system and names that are hard on one, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.spark.filesystem import FileSystem

NAMES = ["plain", "with space", "per%20cent", "hash#mark", "plus+and&"]


@pytest.fixture(scope="session")
def files(spark: SparkSession) -> FileSystem:
    return FileSystem(spark)


def names_in(folder: Path) -> list[str]:
    """List everything below a folder, hidden files included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
