"""Thumbnails of a few photos, for networks that cannot be explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
from PIL import Image
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE, IMAGE_ID, PHOTO
from sparkles.errors import PhotoError
from sparkles.explanation.overlay import encode_jpeg, fit_picture
from sparkles.ml.input_column import photo_kind
from sparkles.ml.task_decoder import task_decoder
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
        with task_decoder() as decoder:
            for frame in frames:
                size = (side, side)
                loaded = [load_picture(one, kind, size, s3, decoder) for one in frame[IMAGE]]
                yield _thumbnails(frame[IMAGE_ID], loaded, side)

    return ready.mapInPandas(shrink, _SCHEMA)


def _thumbnails(
    ids: pd.Series[str], loaded: list[Image.Image | PhotoError], side: int
) -> pd.DataFrame:
    good = [one if isinstance(one, Image.Image) else None for one in loaded]
    return pd.DataFrame(
        {
            IMAGE_ID: ids,
            PHOTO: [one and encode_jpeg(fit_picture(one, side)) for one in good],
            ERROR: [str(one) if isinstance(one, PhotoError) else None for one in loaded],
        }
    )
