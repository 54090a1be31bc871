"""Photo ids: each must name a single photo."""

from __future__ import annotations

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, URI
from sparkles.errors import SourceError
from sparkles.spark.photo_tables import has_images

__all__ = ["unique_photos"]

_SHOWN = 3


def unique_photos(table: DataFrame) -> DataFrame:
    """Return photos, each id once.

    A photo that is listed twice, with the same id and URI, is one photo. Two photos with the same
    id are refused: labels and predictions could not tell them apart.

    Parameters
    ----------
    table
        ``image_id``, ``uri``, and ``image`` where the photos came as a DataFrame. It is evaluated
        once.

    Returns
    -------
    DataFrame
        The same columns, each ``image_id`` once.

    Raises
    ------
    SourceError
        If several photos share an id. The message counts them and names three.
    """
    if not has_images(table):
        table = table.select(IMAGE_ID, URI).distinct()
    photos = F.count("*").alias("photos")
    shared = table.groupBy(IMAGE_ID).agg(photos, F.min(URI).alias("one"), F.max(URI).alias("other"))
    shared = shared.where(F.col("photos") > 1)
    totals = shared.agg(F.count("*").alias("ids"), F.sum("photos").alias("photos")).collect()[0]
    if totals["ids"]:
        examples = shared.orderBy(IMAGE_ID).limit(_SHOWN).collect()
        raise _several_photos_per_id(totals, examples)
    return table


def _several_photos_per_id(totals: Row, examples: list[Row]) -> SourceError:
    shown = "; ".join(
        f"{row[IMAGE_ID]!r} names {row['photos']:,}, for example {row['one']} and {row['other']}"
        for row in examples
    )
    more = ", ..." if totals["ids"] > len(examples) else ""
    return SourceError(
        f"photos: {totals['photos']:,} photos share {totals['ids']:,} ids, so they cannot be told "
        f"apart: {shown}{more}. An id is the file name without folder and suffix. Rename the "
        "files, use one of the folders, or write a manifest (.csv or .parquet) that gives each uri "
        "a different image_id"
    )
