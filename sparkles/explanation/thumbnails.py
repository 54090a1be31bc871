"""Thumbnails of a few photos, for networks that cannot be explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE, IMAGE_ID, PHOTO
from sparkles.errors import PhotoError
from sparkles.explanation.overlay import encode_jpeg, fit_picture
from sparkles.ml.input_column import photo_kind
from sparkles.spark.photo_tables import photo_column
from sparkles.spark.s3_requests import s3_options
from sparkles.worker.load import load_picture

__all__ = ["shrink_photos"]

_SCHEMA = f"{IMAGE_ID} string, {PHOTO} binary, {ERROR} string"


def shrink_photos(photos: DataFrame, *, side: int = 224) -> DataFrame:
    """Make a thumbnail of every photo.

    Parameters
    ----------
    photos
        ``image_id``, ``uri`` and optionally ``image`` (bytes or structs, used instead of the URI).
    side
        The length of the longer side of ``photo`` in pixels.

    Returns
    -------
    DataFrame
        ``image_id`` string, ``photo`` binary (JPEG), ``error`` string (null for a good photo).
        Lazy.
    """
    ready = photos.select(IMAGE_ID, F.col(photo_column(photos)).alias(IMAGE))
    kind, s3 = photo_kind(ready.schema, IMAGE), s3_options(photos.sparkSession)

    def shrink(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            loaded = [load_picture(one, kind, (side, side), s3) for one in frame[IMAGE]]
            yield pd.DataFrame(
                {
                    IMAGE_ID: frame[IMAGE_ID],
                    PHOTO: [
                        None if isinstance(one, PhotoError) else encode_jpeg(fit_picture(one, side))
                        for one in loaded
                    ],
                    ERROR: [str(one) if isinstance(one, PhotoError) else None for one in loaded],
                }
            )

    return ready.mapInPandas(shrink, _SCHEMA)
