"""Image-level labels of Open Images, from people or machines, v5 or v7."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, SOURCE
from sparkles.sources.csv_file import read_csv

__all__ = ["read_labels"]


def read_labels(spark: SparkSession, path: str) -> DataFrame:
    """Read a label table.

    Parameters
    ----------
    path
        A CSV file with the header ``ImageID,Source,LabelName,Confidence`` in any order and letter
        case; local or by URI, plain or ``.gz``. ``Source`` may be absent, and further columns are
        ignored.

    Returns
    -------
    DataFrame
        ``image_id`` string, ``source`` string, ``mid`` string, ``confidence`` double (1 =
        verified present, 0 = verified absent). Cells that do not parse are null.

    Raises
    ------
    SourceError
        If the file does not exist or lacks a column.
    """
    table = read_csv(
        spark,
        path,
        "labels",
        required={"ImageID": StringType(), "LabelName": StringType(), "Confidence": DoubleType()},
        optional={"Source": StringType()},
    )
    return table.select(
        F.trim("ImageID").alias(IMAGE_ID),
        F.trim("Source").alias(SOURCE),
        F.trim("LabelName").alias(MID),
        F.col("Confidence").alias(CONFIDENCE),
    )
