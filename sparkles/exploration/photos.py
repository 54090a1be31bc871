"""The headers of many photos, read by the workers."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import pandas as pd
from pyspark import Accumulator
from pyspark.sql import DataFrame

from sparkles.choices import Reason
from sparkles.columns import ERROR, IMAGE_ID, REASON, URI
from sparkles.errors import PhotoError
from sparkles.imaging.attempt import attempt
from sparkles.imaging.header import Header, read_header
from sparkles.spark.photo_tables import spread_photos
from sparkles.storage import DEFAULT_S3, S3Options

__all__ = ["read_headers"]

_READERS = 8  # files that a worker reads at the same time, mostly waiting for the storage
_SCHEMA = (
    "image_id string, uri string, format string, width int, height int, channels int, "
    "mode string, bytes long, reason string, error string"
)
_FROM_HEADER = [*(field.name for field in fields(Header)), REASON, ERROR]


def read_headers(
    photos: DataFrame, count: int, s3: S3Options = DEFAULT_S3, done: Accumulator[int] | None = None
) -> DataFrame:
    """Read the header of every photo. A photo that cannot be read has a reason in its row.

    Parameters
    ----------
    photos
        ``image_id``, ``uri``; a null ``uri`` is a missing photo.
    count
        How many photos there are, to cut the work into tasks.
    done
        An accumulator to which the workers add the photos that are done.

    Returns
    -------
    DataFrame
        ``image_id``, ``uri``, ``format`` string, ``width`` int, ``height`` int, ``channels`` int,
        ``mode`` string, ``bytes`` long (these null for a bad photo), ``reason`` and ``error``
        string (these null for a good one). Lazy: write it before reading it twice.
    """

    def read_batches(batches: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
        with ThreadPoolExecutor(_READERS, thread_name_prefix="sparkles-header") as readers:
            for batch in batches:
                found = list(readers.map(lambda uri: _row_of(uri, s3), batch[URI]))
                table = pd.DataFrame(found, columns=_FROM_HEADER, dtype=object)
                table.insert(0, IMAGE_ID, batch[IMAGE_ID].to_numpy())
                table.insert(1, URI, batch[URI].to_numpy())
                if done is not None:
                    done.add(len(batch))
                yield table

    return spread_photos(photos.select(IMAGE_ID, URI), count).mapInPandas(read_batches, _SCHEMA)


def _row_of(uri: str | None, s3: S3Options) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_FROM_HEADER)
    header = attempt(lambda: _header_of(uri, s3))
    if isinstance(header, PhotoError):
        return row | {REASON: str(header.reason), ERROR: header.detail}
    return row | vars(header)


def _header_of(uri: str | None, s3: S3Options) -> Header:
    if not uri:
        raise PhotoError(Reason.NO_PHOTO, "no photo has this image's name")
    return read_header(uri, s3)
