"""Photos in a folder, listed by the workers. Only names are read, no content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pyspark import Accumulator
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, URI
from sparkles.errors import SourceError, StorageError
from sparkles.sources.csv_file import check_exists
from sparkles.sources.photos import Photos
from sparkles.sources.storage_errors import storage_errors_as
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.s3_requests import s3_options
from sparkles.storage import (
    KeyRange,
    check_readable_scheme,
    has_keys,
    is_object,
    is_s3,
    list_folder,
    list_range,
    local_path,
    split_folder,
)

__all__ = ["MANIFEST_SUFFIXES", "check_readable", "photos_from_folder", "stem"]

MANIFEST_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_PHOTO_NAME = r"(?i)\.(jpe?g|png|webp|bmp|gif|tiff?)$"
_PHOTOS = "photos"  # what error messages call them
_PATH = "path"  # string: a listed file, of whatever kind
# Ranges of keys: several for each core, because their sizes differ.
_RANGES_PER_CORE, _FEWEST_RANGES, _MOST_RANGES = 4, 16, 128


def photos_from_folder(
    spark: SparkSession, folder: str, *, listed: Accumulator[int] | None = None
) -> Photos:
    """List the photos in a folder and its subfolders.

    The image id is the file's name without folder and suffix. Files without a photo's suffix
    (jpg, jpeg, png, webp, bmp, gif, tif, tiff) are left out, and so are files and folders whose
    names begin with a dot. Empty files are listed, so that the ledger can report them; Spark's own
    reader would leave them out silently.

    The workers list page by page, a folder in S3 by ranges of its keys, several at a time. The
    table is lazy and lists again whenever it is evaluated: store it before reading it twice.

    Parameters
    ----------
    folder
        In S3, or a local one that the workers also see.
    listed
        An accumulator to which the workers add the number of files that they have listed.

    Raises
    ------
    SourceError
        If it is not a folder, has no photo in it, or S3 refuses to list it.
    """
    check_readable(folder)
    if is_s3(folder):
        files, sample = _list_s3(spark, folder, listed)
    else:
        files, sample = _list_local(spark, folder, listed)
    photos = files.where(F.col(_PATH).rlike(_PHOTO_NAME)).select(
        stem(F.col(_PATH)).alias(IMAGE_ID), F.col(_PATH).alias(URI)
    )
    # A photo in the sample saves a job that would only list.
    seen = any(re.search(_PHOTO_NAME, path, re.ASCII) for path in sample)
    if not seen and photos.isEmpty():
        raise SourceError(
            f"photos: no file in {folder} has a photo's suffix, for example .jpg, .jpeg or .png"
        )
    return Photos(photos)


def check_readable(uri: str) -> None:
    """Refuse photos that no worker can read, on the driver.

    Raises
    ------
    SourceError
        If the URI has a scheme that workers do not read.
    """
    try:
        check_readable_scheme(uri)
    except StorageError as error:
        raise SourceError(
            f'photos: {error}. Read other storage with spark.read.format("binaryFile") and pass '
            "that DataFrame"
        ) from error


def stem(path: Column) -> Column:
    """Return the last part of a path without its suffix."""
    return F.regexp_replace(F.element_at(F.split(path, "/"), -1), r"\.[^.]*$", "")


def _list_local(
    spark: SparkSession, folder: str, listed: Accumulator[int] | None
) -> tuple[DataFrame, list[str]]:
    """Return the files of a local folder, lazily, and some of them."""
    check_exists(spark, folder, "photos")
    system = FileSystem(spark)
    if not system.is_folder(folder):
        raise _is_a_file(folder)
    there = system.absolute(folder)
    check_readable(there)  # on a cluster a bare path may be in HDFS
    path = local_path(there)
    files = _list_by_workers(spark, 1, lambda _: list_folder(path), listed)
    with storage_errors_as(_PHOTOS):
        return files, next(list_folder(path))


def _list_s3(
    spark: SparkSession, folder: str, listed: Accumulator[int] | None
) -> tuple[DataFrame, list[str]]:
    """Return the files of a folder in S3, lazily, and some of them."""
    options = s3_options(spark)
    wanted = _RANGES_PER_CORE * spark.sparkContext.defaultParallelism
    wanted = min(max(wanted, _FEWEST_RANGES), _MOST_RANGES)
    with storage_errors_as(_PHOTOS):
        if not has_keys(folder, options):
            if is_object(folder, options):
                raise _is_a_file(folder)
            raise SourceError(f"photos: there is nothing at {folder}")
        ranges = split_folder(folder, wanted, options)
        sample = next(list_range(folder, KeyRange(), options))
    files = _list_by_workers(
        spark, len(ranges), lambda number: list_range(folder, ranges[number], options), listed
    )
    return files, sample


def _list_by_workers(
    spark: SparkSession,
    parts: int,
    list_part: Callable[[int], Iterator[list[str]]],
    listed: Accumulator[int] | None,
) -> DataFrame:
    """Return the URIs of all parts: one task for each part, one batch for each page."""

    def list_parts(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        with storage_errors_as(_PHOTOS):
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    for uris in list_part(number):
                        if listed is not None:
                            listed.add(len(uris))
                        yield pa.RecordBatch.from_pydict({_PATH: pa.array(uris, pa.string())})

    numbers = spark.range(0, parts, 1, parts)
    listing: Any = list_parts
    return numbers.mapInArrow(listing, f"{_PATH} string")


def _is_a_file(folder: str) -> SourceError:
    return SourceError(
        f"photos: {folder} is a file; expected a folder of photos, or a manifest that ends in "
        f"{', '.join(MANIFEST_SUFFIXES)}"
    )
