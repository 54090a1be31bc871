"""Labels from a folder per class."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, PATH, SOURCE, SPLIT
from sparkles.errors import LabelError
from sparkles.sources.photos import Photos
from sparkles.sources.split_folders import FoldersOfSplit

__all__ = ["labels_from_folders"]


def labels_from_folders(photos: Photos, given: FoldersOfSplit | None = None) -> DataFrame:
    """Return a label for each photo: the first folder below the one that was listed.

    A photo in ``cars/red/1.jpg`` is of the class ``cars``. Photos outside all folders have no
    class, and no row; the ledger counts them as photos without label.

    Parameters
    ----------
    photos
        The photos of a folder, which were listed.
    given
        The folders that give the split, if some do; see
        :func:`~sparkles.sources.split_folders.find_split_folders`. Photos outside them have no row.

    Returns
    -------
    DataFrame
        ``image_id``, ``source`` (null), ``mid`` (the class), ``confidence`` (1), and
        ``split`` if folders give it.

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
    label = F.substring_index(PATH, "/", 1) if given is None else given.label()
    labels = found.select(
        IMAGE_ID,
        F.lit(None).cast("string").alias(SOURCE),
        label.alias(MID),
        F.lit(1.0).alias(CONFIDENCE),
        *([] if given is None else [given.split().alias(SPLIT)]),
    )
    return (
        labels if given is None else labels.where(F.col(MID).isNotNull() & F.col(SPLIT).isNotNull())
    )
