"""A few photos of each class, chosen so that the same data always gives the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, MID, URI
from sparkles.exploration.census import POSITIVE
from sparkles.pages.thumbnails import MOST_BYTES, drop_to_fit, jpeg_uri

__all__ = ["ClassPhotos", "ShownPhoto", "bound_photos", "choose_class_photos"]

_MOST_PHOTOS, _FEWEST, _MOST_EACH = 96, 2, 8
_MOST_CLASSES = _MOST_PHOTOS // _FEWEST
_PLACE, _TOTAL = "place", "total"


@dataclass(frozen=True)
class ShownPhoto:
    """A photo on the page.

    Attributes
    ----------
    image_id, uri
        The photo's id and place.
    photo
        Its JPEG; None if it could not be decoded.
    error
        Why it could not be decoded.
    """

    image_id: str
    uri: str
    photo: bytes | None = field(default=None, repr=False)
    error: str | None = None

    @property
    def photo_uri(self) -> str:
        """The JPEG as a ``data:`` URI."""
        return jpeg_uri(self.photo or b"")


@dataclass(frozen=True)
class ClassPhotos:
    """A few photos of a class, and how many readable ones it has in all."""

    mid: str
    name: str
    photos: tuple[ShownPhoto, ...]
    total: int


def choose_class_photos(
    images: DataFrame, readable: DataFrame, classes: Sequence[tuple[str, str]]
) -> list[ClassPhotos]:
    """Choose photos of each class by a hash of their ids, at most 96 in all and 8 of a class.

    Parameters
    ----------
    images
        What :func:`~sparkles.exploration.census.gather_images` returns, stored.
    readable
        ``image_id`` and ``uri`` of the photos with a readable header.
    classes
        Keys and names of the classes, in the order of the page; photos are chosen for the first 48.

    Returns
    -------
    list of ClassPhotos
        Without the pixels; classes without a readable photo are left out.
    """
    shown = classes[:_MOST_CLASSES]
    if not shown:
        return []
    each = max(_FEWEST, min(_MOST_EACH, _MOST_PHOTOS // len(shown)))
    pairs = images.select(IMAGE_ID, F.explode(POSITIVE).alias(MID))
    wanted = pairs.where(F.col(MID).isin([mid for mid, _ in shown]))
    found = wanted.join(readable.select(IMAGE_ID, URI), on=IMAGE_ID, how="inner")
    of_class = Window.partitionBy(MID)
    place = F.row_number().over(of_class.orderBy(F.xxhash64(IMAGE_ID), IMAGE_ID))
    total = F.count("*").over(of_class)
    few = found.select(MID, IMAGE_ID, URI, place.alias(_PLACE), total.alias(_TOTAL)).where(
        F.col(_PLACE) <= each
    )
    rows = few.orderBy(MID, _PLACE).collect()  # no more than the page shows
    chosen = []
    for mid, name in shown:
        own = [row for row in rows if row[MID] == mid]
        if own:
            photos = tuple(ShownPhoto(row[IMAGE_ID], row[URI]) for row in own)
            chosen.append(ClassPhotos(mid, name, photos, int(own[0][_TOTAL])))
    return chosen


def bound_photos(classes: Sequence[ClassPhotos], most: int = MOST_BYTES) -> list[ClassPhotos]:
    """Leave out the last photos of the largest classes until all JPEGs fit on the page.

    Examples
    --------
    >>> few = ClassPhotos("a", "A", (ShownPhoto("1", "1.jpg", b"x" * 10),), 1)
    >>> many = ClassPhotos("b", "B", few.photos * 5, 9)
    >>> [len(one.photos) for one in bound_photos([few, many], 40)]
    [1, 3]
    """
    kept = drop_to_fit([one.photos for one in classes], lambda one: len(one.photo or b""), most)
    return [replace(one, photos=photos) for one, photos in zip(classes, kept, strict=True)]
