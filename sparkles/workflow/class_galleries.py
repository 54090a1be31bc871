"""The photos of an exploration, chosen in Spark and decoded in one small job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import DataFrame

from sparkles.columns import ERROR, IMAGE_ID, PHOTO
from sparkles.explanation import shrink_photos
from sparkles.exploration.class_photos import ClassPhotos, bound_photos, choose_class_photos

__all__ = ["build_class_galleries"]

_SIDE = 320  # pixels: large enough to look at, small enough for a hundred on a page


def build_class_galleries(
    images: DataFrame, readable: DataFrame, classes: Sequence[tuple[str, str]]
) -> list[ClassPhotos]:
    """Choose a few photos of each class and make thumbnails of them in the workers.

    Parameters
    ----------
    images, readable, classes
        See :func:`~sparkles.exploration.class_photos.choose_class_photos`.

    Returns
    -------
    list of ClassPhotos
        A photo whose pixels are damaged has an ``error`` instead of a picture.
    """
    chosen = choose_class_photos(images, readable, classes)
    places = {one.image_id: one.uri for found in chosen for one in found.photos}
    if not places:
        return []
    table = images.sparkSession.createDataFrame(list(places.items()), "image_id string, uri string")
    small = {row[IMAGE_ID]: row for row in shrink_photos(table, side=_SIDE).collect()}
    return bound_photos(
        [
            replace(
                found,
                photos=tuple(
                    replace(one, photo=small[one.image_id][PHOTO], error=small[one.image_id][ERROR])
                    for one in found.photos
                ),
            )
            for found in chosen
        ]
    )
