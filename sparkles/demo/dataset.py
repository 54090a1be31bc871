"""A drawn dataset in the layout of Open Images, with the defects of a real one."""

from __future__ import annotations

import csv
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import PIL
from numpy.random import Generator

from sparkles.demo.counts import DemoCounts
from sparkles.demo.scenes.camera import encode_jpeg
from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.objects import CAR, OBJECTS, OTHER_CLASSES, TREE
from sparkles.demo.scenes.scene import DRAWING_VERSION, draw_scene
from sparkles.errors import OutputExistsError, SettingsError

__all__ = ["DemoDataset", "draw_dataset"]

LABELS_NAME = "annotations-human-imagelabels-boxable.csv"
CLASS_NAMES_NAME = "class-descriptions-boxable.csv"
IMAGES_NAME = "images"
RECORD_NAME = "dataset.json"

_BOTH, _MACHINE, _OTHERS, _NEGATIVES = 12, 6, 16, 8
_KEPT_PART = 0.55  # of a truncated photo's bytes: enough for its header, not for its pixels
_HARD = 0.12  # of the car (tree) photos may have a small unlabelled tree (car) in the distance

Row = tuple[str, str, str, str]  # ImageID, Source, LabelName, Confidence
_Defect = Literal["", "missing", "truncated", "L", "CMYK"]


@dataclass(frozen=True)
class DemoDataset:
    """A drawn dataset on disk.

    Attributes
    ----------
    labels
        CSV with the header ``ImageID,Source,LabelName,Confidence``.
    class_names
        CSV without a header: machine id, display name.
    images
        Folder of ``<ImageID>.jpg``.
    counts
        The contents in numbers.
    """

    labels: Path
    class_names: Path
    images: Path
    counts: DemoCounts


@dataclass(frozen=True)
class _Plan:
    """What one photo shows, its labels and its defect."""

    group: str  # the field of DemoCounts that counts it
    subjects: tuple[str, ...]
    absent: tuple[str, ...] = ()  # classes that are always verified as absent
    defect: _Defect = ""


def draw_dataset(folder: Path, *, cars: int = 200, trees: int = 200, seed: int = 0) -> DemoDataset:
    """Draw a dataset, or use the one that was drawn before with the same arguments.

    The folder appears complete or not at all: the dataset is drawn in a temporary folder, which
    is then renamed.

    Parameters
    ----------
    folder
        The folder to create, with its parents.
    cars, trees
        The number of readable photos with a verified Car only, and with a verified Tree only.
        About 45 photos of other sorts are added; see :class:`~sparkles.demo.counts.DemoCounts`.
    seed
        The same seed gives the same labels and, with the same version of Pillow, the same photos.

    Raises
    ------
    OutputExistsError
        If the folder exists and is not this dataset, or is not complete.
    SettingsError
        If `cars` or `trees` is less than one, or the seed is negative.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     dataset = draw_dataset(Path(parent, "demo"), cars=2, trees=3)
    ...     dataset.counts.trees, len(list(dataset.images.iterdir())) == dataset.counts.photos
    (3, True)
    """
    folder = Path(folder)
    if min(cars, trees) < 1 or seed < 0:
        raise SettingsError(
            f"expected at least 1 car, at least 1 tree and a seed of 0 or more, "
            f"got cars={cars}, trees={trees}, seed={seed}."
        )
    record = {
        "cars": cars, "trees": trees, "seed": seed, "drawing_version": DRAWING_VERSION,
    }  # fmt: skip
    if not folder.exists():
        _draw_atomically(folder, record)
    return _existing(folder, record)


def _existing(folder: Path, record: dict[str, int]) -> DemoDataset:
    """Open a dataset after checking that its arguments match and that it is complete."""
    found = _read_record(folder)
    if any(found.get(key) != value for key, value in record.items()):
        drawn = {key: found[key] for key in record if key in found} or "something else"
        raise OutputExistsError(
            f"expected no folder at {folder}, or the demo dataset of {record}; it contains "
            f"{drawn}. Choose another folder, or remove this one."
        )
    dataset = DemoDataset(
        folder / LABELS_NAME, folder / CLASS_NAMES_NAME, folder / IMAGES_NAME,
        DemoCounts(**found["counts"]),
    )  # fmt: skip
    files = sum(1 for _ in dataset.images.glob("*.jpg"))
    whole = files == dataset.counts.photos
    if not (whole and dataset.labels.is_file() and dataset.class_names.is_file()):
        raise OutputExistsError(
            f"expected {dataset.counts.photos} photos and two CSV files in {folder}, "
            f"got {files} photos: files are missing. Remove the folder to draw it again."
        )
    return dataset


def _read_record(folder: Path) -> dict[str, Any]:
    """Read a folder's record; empty if it has none that can be read."""
    try:
        found = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "counts" in found else {}


def _draw_atomically(folder: Path, record: dict[str, int]) -> None:
    """Draw into a temporary folder, then rename it; a failure leaves nothing behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}-{uuid.uuid4().hex}"
    try:
        _draw_into(draft, record)
        if not folder.exists():  # else another process was faster
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draw_into(draft: Path, record: dict[str, int]) -> None:
    """Draw all photos and write the labels, the class names and the record."""
    (draft / IMAGES_NAME).mkdir(parents=True)
    plans = list(_plans(record["cars"], record["trees"]))
    rows: list[Row] = []
    for number, plan in enumerate(plans):
        rng = np.random.default_rng([record["seed"], number])
        rows += _draw_photo(plan, draft / IMAGES_NAME, rng)
    rows.append(rows[0])  # the duplicate
    _write_csv(draft / LABELS_NAME, [("ImageID", "Source", "LabelName", "Confidence"),
                                     *sorted(rows)])  # fmt: skip
    _write_csv(draft / CLASS_NAMES_NAME, ((each.mid, each.name) for each in OBJECTS.values()))
    full = {**record, "pillow": PIL.__version__, "counts": asdict(_count(plans, rows))}
    (draft / RECORD_NAME).write_text(json.dumps(full, indent=2) + "\n", encoding="utf-8")


def _plans(cars: int, trees: int) -> Iterator[_Plan]:
    """List the photos to draw."""
    for number in range(cars):
        yield _Plan("cars", (CAR,), defect="L" if number == 0 else "")
    for number in range(trees):
        yield _Plan("trees", (TREE,), defect="CMYK" if number == 0 else "")
    for number in range(_BOTH):
        yield _Plan("both", (CAR, TREE) if number % 2 else (TREE, CAR))
    for number in range(_MACHINE):
        yield _Plan("machine", (CAR if number % 2 else TREE,))
    for number in range(_OTHERS):
        yield _Plan("others", (OTHER_CLASSES[number % len(OTHER_CLASSES)],))
    for number in range(_NEGATIVES):
        name = OTHER_CLASSES[-1 - number % len(OTHER_CLASSES)]
        yield _Plan("negatives", (name,), absent=(CAR, TREE))
    yield _Plan("missing", (CAR,), defect="missing")
    yield _Plan("corrupt", (TREE,), defect="truncated")
    yield _Plan("unlabelled", (OTHER_CLASSES[0],))


def _draw_photo(plan: _Plan, images: Path, rng: Generator) -> list[Row]:
    """Write one photo and return its label rows."""
    image_id = rng.integers(0, 256, 8, dtype=np.uint8).tobytes().hex()
    extras = OTHER_CLASSES
    if plan.group in ("cars", "trees") and chance(_HARD, rng):
        extras = (TREE if plan.group == "cars" else CAR,)
    scene = draw_scene(plan.subjects, rng, extras=extras)
    image = scene.image.convert(plan.defect) if plan.defect in ("L", "CMYK") else scene.image
    encoded = encode_jpeg(image, rng)
    if plan.defect == "truncated":
        encoded = encoded[: int(_KEPT_PART * len(encoded))]
    if plan.defect != "missing":
        (images / f"{image_id}.jpg").write_bytes(encoded)
    return list(_labels(plan, image_id, scene.extras, rng))


def _labels(plan: _Plan, image_id: str, extras: Sequence[str], rng: Generator) -> Iterator[Row]:
    """Label a photo as people do: its subjects, some of its extras, some absent classes."""
    if plan.group == "unlabelled":
        return
    shown = {*plan.subjects, *extras}
    for name in plan.subjects:
        yield _row(image_id, name, None if plan.group == "machine" else 1, rng)
    for name in extras:
        if name in OTHER_CLASSES and name not in plan.subjects and chance(0.7, rng):
            yield _row(image_id, name, 1, rng)
    for name in plan.absent:
        yield _row(image_id, name, 0, rng)
    opposite = {"cars": TREE, "trees": CAR}.get(plan.group)
    if opposite and opposite not in shown and chance(0.4, rng):
        yield _row(image_id, opposite, 0, rng)
    stranger = pick([name for name in OTHER_CLASSES if name not in shown], rng)
    if chance(0.35, rng):
        yield _row(image_id, stranger, None if chance(0.15, rng) else 0, rng)


def _row(image_id: str, name: str, confidence: int | None, rng: Generator) -> Row:
    """Return a row; a confidence of None means a machine's, between 0 and 1."""
    mid = OBJECTS[name].mid
    if confidence is None:
        return image_id, "machine", mid, f"{rng.integers(3, 10) / 10:.1f}"
    source = "verification" if chance(0.8, rng) else "crowdsource-verification"
    return image_id, source, mid, str(confidence)


def _count(plans: Sequence[_Plan], rows: Sequence[Row]) -> DemoCounts:
    """Count the planned photos and their label rows."""
    groups = ("cars", "trees", "both", "machine", "others", "negatives", "missing", "corrupt",
              "unlabelled")  # fmt: skip
    sizes = {group: sum(plan.group == group for plan in plans) for group in groups}
    confidences = [row[3] for row in rows]
    return DemoCounts(
        **sizes,
        photos=len(plans) - sizes["missing"],
        label_rows=len(rows),
        classes=len(OBJECTS),
        grayscale=sum(plan.defect == "L" for plan in plans),
        cmyk=sum(plan.defect == "CMYK" for plan in plans),
        duplicate_rows=len(rows) - len(set(rows)),
        positive_rows=confidences.count("1"),
        negative_rows=confidences.count("0"),
        fractional_rows=sum(confidence not in ("0", "1") for confidence in confidences),
    )


def _write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows that end with plain newlines, as Open Images does."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
