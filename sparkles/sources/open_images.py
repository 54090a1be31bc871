"""A small part of the public Open Images dataset, downloaded to a folder."""

from __future__ import annotations

import csv
import io
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sparkles.errors import SourceError, StorageError, UnknownClassError
from sparkles.storage import read_bytes

__all__ = ["OpenImagesSubset", "fetch_open_images"]

# https://storage.googleapis.com/openimages/web/download_v7.html
TABLES = "https://storage.googleapis.com/openimages/v5"
PHOTOS = "https://open-images-dataset.s3.amazonaws.com/validation"

_LABELS = "validation-annotations-human-imagelabels-boxable.csv"
_CLASS_NAMES = "class-descriptions-boxable.csv"
_THREADS = 16


@dataclass(frozen=True)
class OpenImagesSubset:
    """Downloaded photos and their labels.

    Attributes
    ----------
    labels, class_names
        CSV files in the layout of Open Images.
    images
        The folder of the photos ``<ImageID>.jpg``.
    photos
        How many photos were downloaded. Photos that the bucket lacks are still in the labels.
    """

    labels: Path
    class_names: Path
    images: Path
    photos: int


def fetch_open_images(
    folder: Path,
    classes: Sequence[str],
    limit: int,
    *,
    tables: str = TABLES,
    photos: str = PHOTOS,
    say: Callable[[str], None] = lambda _: None,
) -> OpenImagesSubset:
    """Download photos of some classes from the validation split, unless they are there already.

    Parameters
    ----------
    folder
        Where to write ``images/`` and the two tables; it appears complete or not at all.
    classes
        Display names.
    limit
        The most photos, the same number of each class, the first in the order of the label table.
    tables, photos
        The addresses of the public data.
    say
        Called with each line of progress.

    Raises
    ------
    SourceError
        If the servers cannot be reached.
    UnknownClassError
        If a class is not in the class descriptions.
    """
    if not folder.exists():
        draft = folder.with_name(f".{folder.name}.incomplete-{uuid.uuid4().hex[:8]}")
        draft.mkdir(parents=True)
        try:
            _fetch(draft, classes, limit, tables, photos, say)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    images = folder / "images"
    return OpenImagesSubset(
        folder / "labels.csv", folder / _CLASS_NAMES, images, len(list(images.iterdir()))
    )


def _fetch(
    draft: Path,
    classes: Sequence[str],
    limit: int,
    tables: str,
    photos: str,
    say: Callable[[str], None],
) -> None:
    say(f"downloading the label tables from {tables}")
    descriptions = _get(f"{tables}/{_CLASS_NAMES}")
    (draft / _CLASS_NAMES).write_bytes(descriptions)
    mids = _mids(descriptions, classes)
    rows, chosen = _choose(_get(f"{tables}/{_LABELS}"), mids, limit)
    with (draft / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ImageID", "Source", "LabelName", "Confidence"])
        writer.writerows(row for row in rows if row[0] in chosen)
    (draft / "images").mkdir()
    say(f"downloading {len(chosen):,} photos from {photos}")
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda name: _save(f"{photos}/{name}.jpg", draft / "images"), chosen))


def _get(uri: str) -> bytes:
    try:
        return read_bytes(uri, most=None)
    except StorageError as error:
        raise SourceError(
            f"Open Images cannot be reached ({error}). This needs the network; the demo on "
            "drawn photos, photos='drawn', does not",
            settings=["photos"],
        ) from error


def _mids(descriptions: bytes, classes: Sequence[str]) -> list[str]:
    by_name = {name: mid for mid, name in _rows(descriptions)}
    if unknown := [name for name in classes if name not in by_name]:
        raise UnknownClassError(f"class {unknown[0]!r} is not one of Open Images' boxable classes")
    return [by_name[name] for name in classes]


def _choose(
    labels: bytes, mids: Sequence[str], limit: int
) -> tuple[list[list[str]], dict[str, None]]:
    """Return all label rows, and the ids of the first images of each class, in order."""
    rows = [row for row in _rows(labels) if row[0] != "ImageID"]
    chosen: dict[str, None] = {}
    for mid in mids:
        ids = [image for image, _, label, confidence in rows if (label, confidence) == (mid, "1")]
        chosen |= dict.fromkeys(ids[: limit // len(mids)])
    return rows, chosen


def _rows(content: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(content.decode("utf-8")))


def _save(uri: str, folder: Path) -> None:
    try:
        (folder / uri.rsplit("/", 1)[-1]).write_bytes(read_bytes(uri))
    except StorageError:
        return  # the ledger will report the photo as missing
