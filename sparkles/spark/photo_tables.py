"""Tables of photos, which hold either the photos themselves or only their URIs.

Where photos came as a DataFrame, the column ``image`` holds their bytes or Spark's image structs.
Elsewhere there is no such column, and workers fetch each photo from its ``uri``.
"""

from __future__ import annotations

from pyspark.sql import DataFrame

from sparkles.columns import IMAGE, IMAGE_ID, URI
from sparkles.spark.tasks import MOST_PER_TASK, count_tasks

__all__ = ["has_images", "photo_column", "spread_photos"]


def has_images(photos: DataFrame) -> bool:
    """Return whether the table holds the photos themselves."""
    return IMAGE in photos.columns


def photo_column(photos: DataFrame) -> str:
    """Return the name of the column that photos are loaded from: ``image`` or ``uri``."""
    return IMAGE if has_images(photos) else URI


def spread_photos(photos: DataFrame, count: int, *, most: int = MOST_PER_TASK) -> DataFrame:
    """Spread photos over tasks by their ids, so that the slots have equal work.

    Photos that the table itself holds are left where they are: their bytes would be shuffled.

    Parameters
    ----------
    photos
        ``image_id`` and further columns.
    count
        How many photos there are.
    most
        The most photos in a task; see :func:`~sparkles.spark.tasks.count_tasks`.
    """
    if has_images(photos):
        return photos
    slots = photos.sparkSession.sparkContext.defaultParallelism
    return photos.repartition(count_tasks(count, slots, most=most), IMAGE_ID)
