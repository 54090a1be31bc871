"""A sample of the job's own photos, as the network sees them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType

from sparkles.errors import PhotoError
from sparkles.ml.featurize_udf import photo_udf
from sparkles.ml.task_decoder import task_decoder
from sparkles.spark.s3_requests import s3_options
from sparkles.worker.load import PhotoBatch, PhotoKind, load_photo, photos_of

__all__ = ["sample_pixels"]


def sample_pixels(
    photos: DataFrame, column: str, kind: PhotoKind, size: tuple[int, int], count: int
) -> list[npt.NDArray[np.uint8]]:
    """Read a sample of photos in the workers, and return their pixels on the driver.

    Parameters
    ----------
    photos, column, kind
        Where the photos are, and what the column holds. URIs are sampled by their hash, so that
        the order of the rows does not matter; of bytes and structs, the first rows are taken.
    size
        Height and width in pixels.
    count
        The most photos. Those that cannot be read are left out.

    Returns
    -------
    list of numpy.ndarray
        uint8, shape ``(height, width, 3)``, RGB.
    """
    height, width = size
    s3 = s3_options(photos.sparkSession)

    def read(batches: Iterator[PhotoBatch]) -> Iterator[pd.Series[bytes]]:
        with task_decoder() as decoder:
            for batch in batches:
                loaded = [
                    load_photo(photo, kind, height, width, fail_fast=False, s3=s3, decoder=decoder)
                    for photo in photos_of(batch)
                ]
                yield pd.Series(
                    [None if isinstance(one, PhotoError) else one.tobytes() for one in loaded],
                    dtype=object,
                )

    photo = F.col(f"`{column}`")
    chosen = photos.select(photo).where(photo.isNotNull())
    if kind is PhotoKind.URI:
        chosen = chosen.orderBy(F.xxhash64(photo)).limit(count)
    pixels = photo_udf(read, kind, pd.Series, BinaryType())(photo).alias("pixels")
    rows = chosen.select(pixels).where(F.col("pixels").isNotNull()).take(count)
    return [np.frombuffer(row[0], np.uint8).reshape(height, width, 3) for row in rows]
