"""Photos by reference: an image id and where its bytes are. No photo is opened here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark import Accumulator
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from sparkles.columns import CONTENT, IMAGE, IMAGE_ID, URI
from sparkles.errors import SchemaError, SourceError, StorageError
from sparkles.sources.csv_file import check_exists, read_csv
from sparkles.sources.storage_errors import storage_errors_as
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.s3_requests import s3_options
from sparkles.storage import (
    KeyRange,
    check_readable_scheme,
    has_keys,
    is_local,
    is_object,
    is_s3,
    join_uri,
    list_folder,
    list_range,
    local_path,
    split_folder,
)

__all__ = [
    "Photos",
    "photos_by_name",
    "photos_from_dataframe",
    "photos_from_folder",
    "photos_from_manifest",
    "read_photos",
    "uri_by_name",
]

_PHOTO_NAME = r"(?i)\.(jpe?g|png|webp|bmp|gif|tiff?)$"
_MANIFEST = (".csv", ".csv.gz", ".parquet")
_HERE = "dataframe:"  # before the id of a photo that nothing but its DataFrame leads to
_PHOTOS = "photos"  # what errors call them
_PATH = "path"  # as format("binaryFile") calls it
# Ranges of keys: several a core, as they are never quite of one size.
_RANGES_PER_CORE, _FEWEST_RANGES, _MOST_RANGES = 4, 16, 128


@dataclass(frozen=True)
class Photos:
    """Photos that can be looked up by image id.

    Attributes
    ----------
    table
        ``image_id`` string, ``uri`` string, and where the photos came as a DataFrame ``image``
        (binary or image struct); ``None`` where names follow from ids and nothing was listed.
    prefix
        The folder of the photos ``<image_id>.jpg`` where nothing was listed.
    """

    table: DataFrame | None
    prefix: str | None = None


def read_photos(
    spark: SparkSession,
    images: str,
    *,
    list_them: bool | None = None,
    listed: Accumulator[int] | None = None,
) -> Photos:
    """Find photos by what the user named.

    Parameters
    ----------
    images
        A folder, an ``s3://`` (or ``http(s)://``) prefix, or a manifest (``.csv``, ``.csv.gz``,
        ``.parquet``) with the columns ``image_id`` and ``uri``.
    list_them
        Whether to list the photos under a folder or prefix, or to go by the names
        ``<image_id>.jpg``. Default: folders are listed, prefixes in S3 are not, because they may
        hold millions of objects.
    listed
        See :func:`photos_from_folder`.

    Raises
    ------
    SourceError
        If nothing is there, or workers could not read it.
    """
    if is_manifest(images):
        return photos_from_manifest(spark, images)
    if list_them is None:
        list_them = not is_s3(images) and not images.startswith("http")
    if not list_them:
        return photos_by_name(spark, images)
    return photos_from_folder(spark, images, listed=listed)


def is_manifest(images: str) -> bool:
    """Whether photos are named by a table.

    Examples
    --------
    >>> is_manifest("s3://bucket/photos.csv"), is_manifest("s3://bucket/photos/")
    (True, False)
    """
    return images.rstrip("/").endswith(_MANIFEST)


def photos_by_name(spark: SparkSession, prefix: str) -> Photos:
    """Photos called ``<image_id>.jpg`` under a prefix, without listing it.

    Examples
    --------
    >>> from sparkles.spark.session import build_session
    >>> photos_by_name(build_session(), "s3://open-images-dataset/validation").prefix
    's3://open-images-dataset/validation'
    """
    _check_readable(prefix)
    if is_local(prefix):
        check_exists(spark, prefix, "photos")
        prefix = FileSystem(spark).absolute(prefix)
        _check_readable(prefix)  # on a cluster a bare path may be HDFS'
    return Photos(table=None, prefix=prefix)


def photos_from_folder(
    spark: SparkSession, folder: str, *, listed: Accumulator[int] | None = None
) -> Photos:
    """List the photos in a folder and below; only names are read, no content.

    The image id is the file's name without folder and suffix; files without a photo's suffix
    (jpg, jpeg, png, webp, bmp, gif, tif, tiff) are passed over, and so are files and folders whose
    names begin with a dot. Empty files are listed: Spark's own reader would pass over them
    without a word, and an empty photo is to be told of.

    Workers list, page by page; a folder in S3 by ranges of its keys, several at a time. The table
    is lazy and lists anew whenever it is evaluated: store it before reading it twice.

    Parameters
    ----------
    folder
        In S3, or a local one that the workers see, too.
    listed
        To what the workers add the files that they have listed.

    Raises
    ------
    SourceError
        If it is no folder, or no photo is in it, or S3 refuses to list it.
    """
    _check_readable(folder)
    if is_s3(folder):
        files, sample = _list_s3(spark, folder, listed)
    else:
        files, sample = _list_local(spark, folder, listed)
    photos = files.where(F.col(_PATH).rlike(_PHOTO_NAME)).select(
        _stem(F.col(_PATH)).alias(IMAGE_ID), F.col(_PATH).alias(URI)
    )
    # One in the sample spares a job that would list for nothing else.
    seen = any(re.search(_PHOTO_NAME, path, re.ASCII) for path in sample)
    if not seen and photos.isEmpty():
        raise SourceError(f"photos: no file in {folder} is called .jpg, .jpeg, .png or the like")
    return Photos(photos)


def _list_local(
    spark: SparkSession, folder: str, listed: Accumulator[int] | None
) -> tuple[DataFrame, list[str]]:
    """The files of a local folder, lazily, and some of them."""
    check_exists(spark, folder, "photos")
    system = FileSystem(spark)
    if not system.is_folder(folder):
        raise _is_a_file(folder)
    there = system.absolute(folder)
    _check_readable(there)  # on a cluster a bare path may be HDFS'
    path = local_path(there)
    files = _list_by_workers(spark, 1, lambda _: list_folder(path), listed)
    with storage_errors_as(_PHOTOS):
        return files, next(list_folder(path))


def _list_s3(
    spark: SparkSession, folder: str, listed: Accumulator[int] | None
) -> tuple[DataFrame, list[str]]:
    """The files of a folder in S3, lazily, and some of them."""
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
    """The URIs of all parts: a task each, and in it a batch a page."""

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


def _check_readable(uri: str) -> None:
    """Refuse, on the driver, photos that no worker can read."""
    try:
        check_readable_scheme(uri)
    except StorageError as error:
        raise SourceError(
            f'photos: {error}. Read other storage with spark.read.format("binaryFile") and pass '
            "that DataFrame"
        ) from error


def _is_a_file(folder: str) -> SourceError:
    return SourceError(
        f"photos: {folder} is a file; expected a folder of photos, or a manifest that ends in "
        f"{', '.join(_MANIFEST)}"
    )


def photos_from_manifest(spark: SparkSession, manifest: str) -> Photos:
    """Photos by a table of ``image_id`` and ``uri``, as CSV or Parquet.

    A URI without scheme that is no absolute path is taken relative to the manifest's folder.

    Raises
    ------
    SourceError
        If the file is not there or lacks a column.
    """
    columns = {IMAGE_ID: StringType(), URI: StringType()}
    if manifest.rstrip("/").endswith(".parquet"):
        check_exists(spark, manifest, "manifest")
        table = spark.read.parquet(manifest)
        if missing := [name for name in columns if name not in table.columns]:
            raise SourceError(
                f"manifest {manifest}: expected the columns {', '.join(columns)}; "
                f"{', '.join(missing)} missing, it has {', '.join(table.columns)}"
            )
    else:
        table = read_csv(spark, manifest, "manifest", required=columns)
    folder = FileSystem(spark).absolute(manifest).rstrip("/").rpartition("/")[0]
    relative = ~F.col(URI).rlike(r"^([A-Za-z][A-Za-z0-9+.-]*:|/)")
    uri = F.when(relative, F.concat(F.lit(folder + "/"), F.col(URI))).otherwise(F.col(URI))
    photos = table.select(F.col(IMAGE_ID).cast("string"), uri.alias(URI))
    first = photos.where(F.col(URI).isNotNull()).first()
    if first is not None:
        _check_readable(first[URI])
    return Photos(photos)


def photos_from_dataframe(frame: DataFrame) -> Photos:
    """Photos of a DataFrame.

    Parameters
    ----------
    frame
        What ``spark.read.format("binaryFile")`` gives (``path``, ``content``) or
        ``format("image")`` (``image`` with ``origin``), or ``image_id`` and ``uri``, or
        ``image_id`` and ``image``; the URI of these last is ``dataframe:`` and the id, where
        they bring none.

    Raises
    ------
    SchemaError
        If it is none of these.
    """
    names = set(frame.columns)
    if {"path", CONTENT} <= names:
        id_column, uri, image = _stem(F.col("path")), F.col("path"), F.col(CONTENT)
    elif IMAGE_ID not in names and IMAGE in names and _has_origin(frame):
        origin = F.col(IMAGE)["origin"]
        id_column, uri, image = _stem(origin), origin, F.col(IMAGE)
    elif {IMAGE_ID, URI} <= names and IMAGE not in names:
        return Photos(frame.select(F.col(IMAGE_ID).cast("string"), URI))
    elif {IMAGE_ID, IMAGE} <= names:
        uri = F.col(URI) if URI in names else F.concat(F.lit(_HERE), F.col(IMAGE_ID))
        id_column, image = F.col(IMAGE_ID).cast("string"), F.col(IMAGE)
    else:
        raise SchemaError(
            "photos: expected a DataFrame with path and content (format 'binaryFile'), with image "
            "(format 'image'), or with image_id and uri; got the columns "
            f"{', '.join(frame.columns)}"
        )
    return Photos(frame.select(id_column.alias(IMAGE_ID), uri.alias(URI), image.alias(IMAGE)))


def _has_origin(frame: DataFrame) -> bool:
    kind = frame.schema[IMAGE].dataType
    return isinstance(kind, StructType) and "origin" in kind.names


def _stem(path: Column) -> Column:
    """The last part of a path, without its suffix."""
    return F.regexp_replace(F.element_at(F.split(path, "/"), -1), r"\.[^.]*$", "")


def uri_by_name(prefix: str) -> Column:
    """The URI of each image id's photo under a prefix."""
    return F.concat(F.lit(join_uri(prefix, "")), F.col(IMAGE_ID), F.lit(".jpg"))
