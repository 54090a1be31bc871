"""Photos by reference: an image id and where its bytes are. No photo is opened here."""

from __future__ import annotations

import os

from pyspark import Accumulator
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from sparkles.columns import CONTENT, IMAGE, IMAGE_ID, PATH, URI
from sparkles.errors import SchemaError, SourceError
from sparkles.sources.csv_file import check_exists
from sparkles.sources.folder import MANIFEST_SUFFIXES, check_readable, photos_from_folder
from sparkles.sources.layouts import refuse_other_photos
from sparkles.sources.photo_ids import HERE, id_of, stem
from sparkles.sources.photos import Photos
from sparkles.sources.table_file import as_text, read_table
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.photo_tables import has_images
from sparkles.storage import is_local, is_s3

__all__ = [
    "is_manifest",
    "photos_by_name",
    "photos_from_dataframe",
    "photos_from_manifest",
    "read_photos",
]

_STEM, _NAMES = "stem", "names"


def read_photos(
    spark: SparkSession,
    images: str,
    *,
    list_them: bool | None = None,
    listed: Accumulator[int] | None = None,
    ignored: Accumulator[int] | None = None,
) -> Photos:
    """Find photos in a folder, under a prefix or by a manifest.

    Parameters
    ----------
    images
        A folder, an ``s3://`` (or ``http(s)://``) prefix, or a manifest (``.csv``, ``.csv.gz``,
        ``.parquet``) with the columns ``image_id`` and ``uri``.
    list_them
        Whether to list the photos under a folder or prefix, or to expect the names
        ``<image_id>.jpg``. Default: folders are listed, prefixes in S3 are not, because they may
        hold millions of objects.
    listed, ignored
        See :func:`~sparkles.sources.photos_from_folder`.

    Raises
    ------
    SourceError
        If nothing is there, if it has the layout of another tool, or if workers could not read it.
    """
    refuse_other_photos(images)
    if is_manifest(images):
        return photos_from_manifest(spark, images)
    if list_them is None:
        list_them = not is_s3(images) and not images.startswith("http")
    if not list_them:
        return photos_by_name(spark, images)
    return photos_from_folder(spark, images, listed=listed, ignored=ignored)


def is_manifest(images: str) -> bool:
    """Return whether a path is that of a manifest, by its suffix.

    Examples
    --------
    >>> is_manifest("s3://bucket/photos.csv"), is_manifest("s3://bucket/photos/")
    (True, False)
    """
    return images.rstrip("/").endswith(MANIFEST_SUFFIXES)


def photos_by_name(spark: SparkSession, prefix: str) -> Photos:
    """Return the photos called ``<image_id>.jpg`` under a prefix, without listing it.

    Examples
    --------
    >>> from sparkles.spark.session import build_session
    >>> photos_by_name(build_session(), "s3://open-images-dataset/validation").prefix
    's3://open-images-dataset/validation'
    """
    check_readable(prefix)
    if is_local(prefix):
        check_exists(spark, prefix, "photos")
        prefix = FileSystem(spark).absolute(prefix)
        check_readable(prefix)  # on a cluster a bare path may be in HDFS
    return Photos(table=None, prefix=prefix)


def photos_from_manifest(spark: SparkSession, manifest: str) -> Photos:
    """Read photos from a table of ``image_id`` and ``uri``, as CSV or Parquet.

    A URI that has no scheme and is not an absolute path is relative to the manifest's folder. One
    with a scheme that is not supported will be a rejected row. Ids are read as those of labels.

    Raises
    ------
    SourceError
        If the file does not exist, cannot be read as a table, lacks a column or names no photo, or
        if no URI has a scheme that is supported.
    """
    table = read_table(spark, manifest, "manifest")
    names = {name.casefold(): name for name in table.columns}
    columns = (IMAGE_ID, URI)
    if missing := [name for name in columns if name not in names]:
        raise SourceError(
            f"manifest {manifest}: expected the columns {', '.join(columns)}; "
            f"{', '.join(missing)} missing, it has {', '.join(table.columns)[:200]}"
        )
    table = table.select(*[F.col(f"`{names[name]}`").alias(name) for name in columns])
    folder = FileSystem(spark).absolute(manifest).rstrip("/").rpartition("/")[0]
    uri = F.trim(F.col(URI))
    relative = ~uri.rlike(r"^([A-Za-z][A-Za-z0-9+.-]+:|/)")
    located = F.when(relative, F.concat(F.lit(folder + "/"), F.col(URI))).otherwise(uri)
    photos = table.select(_given_id(table), located.alias(URI), _no_path())
    _refuse_unsupported(photos, manifest)
    return Photos(photos)


def _refuse_unsupported(photos: DataFrame, manifest: str) -> None:
    """Refuse a manifest without a URI, or without one that can be read."""
    uri = F.col(URI)
    given = photos.where(uri.isNotNull())
    # Mostly it is the first row: Spark reads no further than to a row that fits.
    if given.where(uri.rlike(r"^(?i)(file|s3|s3a|s3n|https?):|^/")).first() is None:
        first = given.first()
        if first is None:
            raise SourceError(
                f"manifest {manifest}: expected a row for each photo, and no row has a uri"
            )
        check_readable(first[URI])


def photos_from_dataframe(frame: DataFrame) -> Photos:
    """Take photos from a DataFrame.

    Parameters
    ----------
    frame
        From ``spark.read.format("binaryFile")`` (``path``, ``content``) or ``format("image")``
        (``image`` with ``origin``), or with ``uri`` and optionally ``image_id``, or with
        ``image_id`` and ``image``. Without a column ``uri``, the URI of these last is
        ``dataframe:`` and the id.
        Files get the ids of :func:`~sparkles.sources.photos_from_folder`, with paths below the
        longest folder that all share.

    Raises
    ------
    SchemaError
        If it is none of these.
    """
    names = set(frame.columns)
    if {PATH, CONTENT} <= names:
        return _photos_of_files(frame, F.col(PATH), F.col(CONTENT))
    if IMAGE_ID not in names and has_images(frame) and _has_origin(frame):
        return _photos_of_files(frame, F.col(IMAGE)["origin"], F.col(IMAGE))
    if URI in names and IMAGE_ID not in names and not has_images(frame):
        return _photos_of_files(frame, F.col(URI))
    if {IMAGE_ID, URI} <= names and not has_images(frame):
        return Photos(frame.select(_given_id(frame), URI, _no_path()))
    if IMAGE_ID in names and has_images(frame):
        uri = F.col(URI) if URI in names else F.concat(F.lit(HERE), F.col(IMAGE_ID))
        return Photos(frame.select(_given_id(frame), uri.alias(URI), _no_path(), IMAGE))
    raise SchemaError(
        "photos: expected a DataFrame with path and content (format 'binaryFile'), with image "
        "(format 'image'), with image_id and uri, or with image_id and image; got the columns "
        f"{', '.join(frame.columns)}"
    )


def _given_id(table: DataFrame) -> Column:
    """Return the ids of a table as those of labels are read: as text, with no spaces around it."""
    return F.trim(as_text(f"`{IMAGE_ID}`", table.schema[IMAGE_ID].dataType)).alias(IMAGE_ID)


def _no_path() -> Column:
    return F.lit(None).cast("string").alias(PATH)


def _photos_of_files(frame: DataFrame, uri: Column, image: Column | None = None) -> Photos:
    """Take photos by their files' names, as a folder's; one job reads the names alone."""
    images = [] if image is None else [image.alias(IMAGE)]
    files = frame.select(uri.alias(URI), *images)
    names = files.select(URI).distinct().withColumn(_STEM, stem(F.col(URI)))
    stems = names.groupBy(_STEM).agg(
        F.count("*").alias(_NAMES), F.min(URI).alias("least"), F.max(URI).alias("greatest")
    )
    found = stems.agg(F.max(_NAMES), F.min("least"), F.max("greatest")).collect()[0]
    # What the least and the greatest name begin with, all names begin with.
    shared = os.path.commonprefix([found[1] or "", found[2] or ""])  # noqa: RUF071 (of strings)
    folder = shared[: shared.rfind("/") + 1]
    path = F.col(URI).substr(F.lit(len(folder) + 1), F.length(URI))
    files = files.withColumn(PATH, path)
    repeated = F.lit(False)
    if (found[0] or 0) > 1:
        # Broadcast, because a shuffle would move the photos' bytes.
        several = stems.where(F.col(_NAMES) > 1).select(_STEM, F.lit(True).alias(_NAMES))
        files = files.withColumn(_STEM, stem(F.col(URI)))
        files = files.join(F.broadcast(several), on=_STEM, how="left")
        repeated = F.col(_NAMES).isNotNull()
    kept = [URI, PATH, *([IMAGE] if images else [])]
    return Photos(files.select(id_of(repeated).alias(IMAGE_ID), *kept))


def _has_origin(frame: DataFrame) -> bool:
    kind = frame.schema[IMAGE].dataType
    return isinstance(kind, StructType) and "origin" in kind.names
