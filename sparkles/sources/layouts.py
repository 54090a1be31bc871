"""Layouts of other tools: recognised by their names alone, and refused with what converts them.

Only local files are looked at, and of these no more than their first kilobytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkles.errors import SourceError
from sparkles.sources.conversions import COCO, HUGGING_FACE, PASCAL_VOC, TFRECORD, command
from sparkles.storage import is_local, local_path

__all__ = ["refuse_other_labels", "refuse_other_photos"]

_HEAD = 4096  # bytes
_COCO = re.compile(r'\s*\{\s*"(info|images|annotations|categories|licenses)"\s*:\s*[\[{]')
_SAVED = ("state.json", "dataset_info.json")  # of one part of the data
_IMAGENET = ("ILSVRC/Data/CLS-LOC/train", "Data/CLS-LOC/train", "CLS-LOC/train")
_CONVERT = "Convert it to a folder for each class, which becomes images (without labels):"
_FILES = "*.tfrecord*"


def refuse_other_photos(images: str) -> None:
    """Refuse a folder or file in the layout of another tool, with the command that converts it.

    Parameters
    ----------
    images
        A folder of photos, or a manifest. What is not local is not looked at.

    Raises
    ------
    SourceError
        If it was written by Hugging Face's ``datasets``, holds TFRecords or Parquet files with
        photos in them, or is the root of COCO, Pascal VOC or ImageNet.
    """
    place = _local(images)
    if place is None:
        return
    if place.is_dir():
        _refuse_hugging_face(place)
        _refuse_roots(place)
        if any(place.glob(_FILES)):
            raise _records(place / _FILES)
    elif place.match(_FILES):
        raise _records(place)
    elif place.suffix == ".parquet":
        _refuse_parquet(place, 'load_dataset("parquet", data_files=sys.argv[1], split="train")')


def refuse_other_labels(labels: str) -> None:
    """Refuse labels in the format of another tool, with the command that converts them.

    Parameters
    ----------
    labels
        A file. What is not local is not looked at.

    Raises
    ------
    SourceError
        If it holds COCO's annotations, TFRecords, or photos as well as labels.
    """
    place = _local(labels)
    if place is None:
        return
    if place.is_dir() or place.match(_FILES) or place.suffix == ".parquet":
        refuse_other_photos(labels)
    elif place.suffix == ".json" and _COCO.match(_head(place)):
        raise _coco("labels", place)


def _local(path: str) -> Path | None:
    place = Path(local_path(path)) if is_local(path) else None
    return place if place is not None and place.exists() else None


def _head(place: Path) -> str:
    with place.open("rb") as file:
        return file.read(_HEAD).decode("utf-8", errors="replace").removeprefix("\ufeff")


def _refuse_hugging_face(folder: Path) -> None:
    parts = [folder]
    if (folder / "dataset_dict.json").exists():
        parts += [part for part in sorted(folder.iterdir()) if part.is_dir()]
    for part in parts:
        if all((part / name).exists() for name in _SAVED):
            features = json.loads((part / "dataset_info.json").read_text(encoding="utf-8"))
            raise _hugging_face(folder, "load_from_disk(sys.argv[1])", features.get("features"))
    for pattern in ("*.parquet", "data/*.parquet"):
        if files := sorted(folder.glob(pattern)):
            _refuse_parquet(files[0], "load_dataset(sys.argv[1])", folder)


def _refuse_parquet(file: Path, load: str, place: Path | None = None) -> None:
    """Refuse a Parquet file whose rows hold photos, as Hugging Face writes them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.is_dir():  # Spark's; it holds files of its own
        return
    try:
        schema = pq.read_schema(file)
    except pa.ArrowInvalid:  # no Parquet file: its reader says so
        return
    photos = [
        field.name
        for field in schema
        if pa.types.is_struct(field.type) and {"bytes", "path"} == {one.name for one in field.type}
    ]
    if not photos:
        return
    noted = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    features = noted.get("info", {}).get("features") or {photos[0]: {"_type": "Image"}}
    raise _hugging_face(place or file, load, features)


def _hugging_face(
    place: Path, load: str, features: Mapping[str, Mapping[str, Any]] | None
) -> SourceError:
    """Return the error about a dataset, whose columns are known from its description."""
    what = f"images: {place} is a dataset of Hugging Face's `datasets`"
    columns = {
        kind: [name for name, feature in (features or {}).items() if feature.get("_type") == kind]
        for kind in ("Image", "ClassLabel")
    }
    if not columns["Image"] or not columns["ClassLabel"]:
        missing = "photos" if not columns["Image"] else "classes (ClassLabel)"
        return SourceError(
            f"{what}, without a column of {missing}; expected a folder of photos. Its columns are "
            f"{', '.join(features or ()) or '(not described)'}. Write its photos to a folder, and "
            "a table of file and label",
            settings=["images"],
        )
    program = HUGGING_FACE.format(
        load=load, photo=columns["Image"][0], label=columns["ClassLabel"][0]
    )
    return SourceError(
        f"{what}. {_CONVERT}\n\n{command(program, place, _beside(place))}", settings=["images"]
    )


def _refuse_roots(folder: Path) -> None:
    if (folder / "JPEGImages").is_dir() and (folder / "ImageSets/Main").is_dir():
        raise SourceError(
            f"images: {folder} is in the layout of Pascal VOC. Convert its lists to a table, which "
            f"becomes labels, and set images to {folder / 'JPEGImages'}:\n\n"
            f"{command(PASCAL_VOC, folder, 'labels.csv')}",
            settings=["images"],
        )
    if found := sorted(folder.glob("annotations/instances_*.json")):
        raise _coco("images", found[0])
    for name in _IMAGENET:
        if (folder / name).is_dir():
            raise SourceError(
                f"images: {folder} is in the layout of ImageNet; set images to {folder / name}, "
                "whose folders are the classes",
                settings=["images"],
            )


def _coco(setting: str, file: Path) -> SourceError:
    what = f"{file} holds" if setting == "labels" else f"beside the photos, {file} holds"
    return SourceError(
        f"{setting}: {what} annotations of COCO. Convert them to a table, which becomes labels, "
        "and set images to the folder of its photos:\n\n"
        f"{command(COCO, file, 'labels.csv')}",
        settings=[setting],
    )


def _records(files: Path) -> SourceError:
    return SourceError(
        f"images: {files} are TFRecords, whose photos and labels only TensorFlow reads. {_CONVERT}"
        f"\n\n{command(TFRECORD, files, _beside(files))}",
        settings=["images"],
    )


def _beside(place: Path) -> str:
    return f"{(place.parent if '*' in place.name else place).name.split('.')[0]}-photos"
