"""Photos in a folder, listed by the workers. Only names are read, no content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark import Accumulator
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import PATH, URI
from sparkles.errors import SourceError, StorageError
from sparkles.sources.csv_file import check_exists
from sparkles.sources.photo_ids import PHOTO_NAME, ids_from_paths
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

__all__ = ["MANIFEST_SUFFIXES", "check_readable", "photos_from_folder"]

MANIFEST_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_PHOTOS = "photos"  # what error messages call them
_WRITTEN = "written"  # string: the path as it is written, where that is not its composed form
_PHOTO = re.compile(PHOTO_NAME, re.ASCII)
# Folders that systems add beside photos, with files that look like photos.
_OF_SYSTEMS = re.compile(r"(^|/)(__MACOSX|@eaDir)/")
# Ranges of keys: several for each core, because their sizes differ.
_RANGES_PER_CORE, _FEWEST_RANGES, _MOST_RANGES = 4, 16, 128


def photos_from_folder(
    spark: SparkSession,
    folder: str,
    *,
    listed: Accumulator[int] | None = None,
    ignored: Accumulator[int] | None = None,
) -> Photos:
    """List the photos in a folder and its subfolders.

    The image id is the file's name without folder and suffix if no other photo has the same, else
    its path below the folder, with suffix. Files without a photo's suffix (jpg, jpeg, png, webp,
    bmp, gif, tif, tiff) are left out, and so are files and folders whose names begin with a dot,
    and the folders ``__MACOSX`` and ``@eaDir``, which systems write. Empty files are listed, so
    that the ledger can report them; Spark's own reader would leave them out silently.

    The workers list page by page, a folder in S3 by ranges of its keys, several at a time. The
    table is lazy and lists again whenever it is evaluated: store it before reading it twice.

    Parameters
    ----------
    folder
        In S3, or a local one that the workers also see.
    listed, ignored
        Accumulators to which the workers add the number of files that they have listed, and of
        those that they have left out. What begins with a dot is not counted.

    Raises
    ------
    SourceError
        If it is not a folder, has no photo in it, or S3 refuses to list it.
    """
    check_readable(folder)
    lister = _Lister(spark, listed, ignored)
    files, sample = lister.s3(folder) if is_s3(folder) else lister.local(folder)
    # A photo in the sample saves a job that would only list.
    if not any(map(_is_photo, sample)) and files.isEmpty():
        raise SourceError(
            f"photos: no file in {folder} has a photo's suffix, for example .jpg, .jpeg or .png"
        )
    return Photos(ids_from_paths(files, F.coalesce(_WRITTEN, PATH)), ids_are_unique=True)


def _is_photo(path: str) -> bool:
    return bool(_PHOTO.search(path)) and not _OF_SYSTEMS.search(path)


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


@dataclass(frozen=True)
class _Lister:
    """Lists the photos of a folder, lazily, and a few of its files at once."""

    spark: SparkSession
    listed: Accumulator[int] | None
    ignored: Accumulator[int] | None

    def local(self, folder: str) -> tuple[DataFrame, list[str]]:
        """List a local folder."""
        check_exists(self.spark, folder, "photos")
        system = FileSystem(self.spark)
        if not system.is_folder(folder):
            raise _is_a_file(folder)
        there = system.absolute(folder)
        check_readable(there)  # on a cluster a bare path may be in HDFS
        path = local_path(there)
        root = f"file:{path.absolute()}".rstrip("/") + "/"
        files = self._list(root, 1, lambda _: list_folder(path))
        with storage_errors_as(_PHOTOS):
            return files, _below(root, next(list_folder(path)))

    def s3(self, folder: str) -> tuple[DataFrame, list[str]]:
        """List a folder in S3."""
        options = s3_options(self.spark)
        wanted = _RANGES_PER_CORE * self.spark.sparkContext.defaultParallelism
        wanted = min(max(wanted, _FEWEST_RANGES), _MOST_RANGES)
        with storage_errors_as(_PHOTOS):
            if not has_keys(folder, options):
                if is_object(folder, options):
                    raise _is_a_file(folder)
                raise SourceError(f"photos: there is nothing at {folder}")
            ranges = split_folder(folder, wanted, options)
            sample = next(list_range(folder, KeyRange(), options))
        root = folder.rstrip("/") + "/"
        files = self._list(
            root, len(ranges), lambda number: list_range(folder, ranges[number], options)
        )
        return files, _below(root, sample)

    def _list(
        self, root: str, parts: int, list_part: Callable[[int], Iterator[list[str]]]
    ) -> DataFrame:
        """Return the photos of all parts: one task for each part, one batch for each page."""
        listed, ignored = self.listed, self.ignored

        def list_parts(batches: Iterator[Any]) -> Iterator[Any]:
            with storage_errors_as(_PHOTOS):
                for batch in batches:
                    for number in batch.column(0).to_pylist():
                        for uris in list_part(number):
                            photos = [uri for uri in uris if _is_photo(uri[len(root) :])]
                            if listed is not None:
                                listed.add(len(uris))
                            if ignored is not None:
                                ignored.add(len(uris) - len(photos))
                            yield _to_batch(root, photos)

        numbers = self.spark.range(0, parts, 1, parts)
        listing: Any = list_parts
        return numbers.mapInArrow(listing, f"{URI} string, {PATH} string, {_WRITTEN} string")


def _below(root: str, uris: list[str]) -> list[str]:
    return [uri[len(root) :] for uri in uris]


def _to_batch(root: str, uris: list[str]) -> Any:
    import pyarrow as pa

    written = _below(root, uris)
    paths = [unicodedata.normalize("NFC", path) for path in written]
    other = [raw if raw != path else None for raw, path in zip(written, paths, strict=True)]
    columns = {URI: uris, PATH: paths, _WRITTEN: other}
    return pa.RecordBatch.from_pydict(
        {name: pa.array(values, pa.string()) for name, values in columns.items()}
    )


def _is_a_file(folder: str) -> SourceError:
    return SourceError(
        f"photos: {folder} is a file; expected a folder of photos, or a manifest that ends in "
        f"{', '.join(MANIFEST_SUFFIXES)}"
    )
