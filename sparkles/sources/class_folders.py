"""Labels from a folder per class."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, PATH, SOURCE
from sparkles.errors import LabelError
from sparkles.sources.photos import Photos

__all__ = ["labels_from_folders"]


def labels_from_folders(photos: Photos) -> DataFrame:
    """Return a label for each photo: the first folder below the one that was listed.

    A photo in ``cars/red/1.jpg`` is of the class ``cars``. Photos outside all folders have no
    class, and no row; the ledger counts them as photos without label.

    Parameters
    ----------
    photos
        The photos of a folder, which were listed.

    Returns
    -------
    DataFrame
        ``image_id``, ``source`` (null), ``mid`` (the class), ``confidence`` (1).

    Raises
    ------
    LabelError
        If no photo is in a folder below the one that was listed.

    Examples
    --------
    >>> from sparkles.sources import photos_from_folder
    >>> from sparkles.spark.session import build_session
    >>> photos = photos_from_folder(build_session(), "photos")  # doctest: +SKIP
    >>> labels_from_folders(photos).groupBy("mid").count().show()  # doctest: +SKIP
    """
    inside = F.col(PATH).contains("/")
    found = None if photos.table is None else photos.table.where(inside)
    if found is None or found.isEmpty():
        raise LabelError(
            "labels: none were given, so each class must be a folder below images; no photo is in "
            "such a folder. Give labels, or the folder that holds the classes' folders",
            settings=["labels", "images"],
        )
    return found.select(
        IMAGE_ID,
        F.lit(None).cast("string").alias(SOURCE),
        F.substring_index(PATH, "/", 1).alias(MID),
        F.lit(1.0).alias(CONFIDENCE),
    )
