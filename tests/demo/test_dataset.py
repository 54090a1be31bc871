"""The drawn dataset: its files, its counts, and the faults that it contains on purpose."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from PIL import Image

from sparkles.demo import dataset as module
from sparkles.demo.dataset import DemoDataset, draw_dataset
from sparkles.errors import OutputExistsError, SettingsError
from tests.demo_dataset import CARS, SEED, TREES

CAR, TREE = "/m/0k4j", "/m/07j7r"


def read_rows(demo: DemoDataset) -> list[dict[str, str]]:
    with demo.labels.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def targets(demo: DemoDataset) -> dict[str, dict[str, str]]:
    """Return the confidences of Car and Tree for every labelled image."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read_rows(demo):
        image = found[row["ImageID"]]
        if row["LabelName"] in (CAR, TREE):
            image[row["LabelName"]] = row["Confidence"]
    return found


def loads(path: Path) -> bool:
    with Image.open(path) as photo:
        try:
            photo.load()
        except OSError:
            return False
    return True


def readable(demo: DemoDataset) -> set[str]:
    return {path.stem for path in demo.images.iterdir() if loads(path)}


def test_files_have_the_layout_of_open_images(demo: DemoDataset) -> None:
    assert demo.labels.name == "annotations-human-imagelabels-boxable.csv"
    assert demo.class_names.name == "class-descriptions-boxable.csv"
    assert demo.labels.read_text().startswith("ImageID,Source,LabelName,Confidence\n")
    assert all(re.fullmatch(r"[0-9a-f]{16}\.jpg", path.name) for path in demo.images.iterdir())
    assert len(list(demo.images.iterdir())) == demo.counts.photos


def test_class_names_cover_the_labels(demo: DemoDataset) -> None:
    with demo.class_names.open(newline="", encoding="utf-8") as file:
        names = dict(csv.reader(file))
    assert len(names) == demo.counts.classes
    assert (names[CAR], names[TREE]) == ("Car", "Tree")
    assert {row["LabelName"] for row in read_rows(demo)} <= set(names)


def test_label_rows_are_counted_by_confidence(demo: DemoDataset) -> None:
    rows = read_rows(demo)
    counts = demo.counts
    assert len(rows) == counts.label_rows
    confidences = Counter(row["Confidence"] for row in rows)
    assert confidences["1"] == counts.positive_rows
    assert confidences["0"] == counts.negative_rows
    assert sum(confidences.values()) - confidences["0"] - confidences["1"] == counts.fractional_rows
    assert len(rows) - len({tuple(row.values()) for row in rows}) == counts.duplicate_rows == 1
    for row in rows:
        assert (row["Source"] == "machine") == (0 < float(row["Confidence"]) < 1)
    sources = Counter(row["Source"] for row in rows)
    assert sources["verification"] > sources["crowdsource-verification"] > 0


def test_photos_are_counted_by_their_labels(demo: DemoDataset) -> None:
    counts, whole, labels = demo.counts, readable(demo), targets(demo)
    known = {image: labels[image] for image in whole if image in labels}
    cars = {i for i, found in known.items() if found.get(CAR) == "1"}
    trees = {i for i, found in known.items() if found.get(TREE) == "1"}
    assert len(cars - trees) == counts.cars == CARS
    assert len(trees - cars) == counts.trees == TREES
    assert len(cars & trees) == counts.both == 12
    rest = [found for i, found in known.items() if i not in cars | trees]
    assert sum(not found for found in rest) == counts.others
    assert sum(found == {CAR: "0", TREE: "0"} for found in rest) == counts.negatives
    fractional = [c for found in rest for c in found.values() if 0 < float(c) < 1]
    assert len(fractional) == counts.machine
    assert len(rest) == counts.others + counts.negatives + counts.machine


def test_one_photo_each_is_missing_unlabelled_and_corrupt(demo: DemoDataset) -> None:
    labels, files = targets(demo), {path.stem for path in demo.images.iterdir()}
    missing = set(labels) - files
    assert len(missing) == demo.counts.missing == 1
    assert labels[missing.pop()][CAR] == "1"
    assert len(files - set(labels)) == demo.counts.unlabelled == 1
    corrupt = files - readable(demo)
    assert len(corrupt) == demo.counts.corrupt == 1
    assert labels[corrupt.pop()][TREE] == "1"


def test_the_corrupt_photo_is_truncated(demo: DemoDataset) -> None:
    (name,) = {path.stem for path in demo.images.iterdir()} - readable(demo)
    with (
        Image.open(demo.images / f"{name}.jpg") as photo,
        pytest.raises(OSError, match="truncated"),
    ):
        photo.load()


def test_photos_have_the_counted_colour_modes(demo: DemoDataset) -> None:
    modes: Counter[str] = Counter()
    for path in demo.images.iterdir():
        with Image.open(path) as photo:
            assert photo.format == "JPEG"
            modes[photo.mode] += 1
    assert modes["L"] == demo.counts.grayscale == 1
    assert modes["CMYK"] == demo.counts.cmyk == 1
    assert modes["RGB"] == demo.counts.photos - 2


def test_no_image_has_two_confidences_for_a_class(demo: DemoDataset) -> None:
    seen: dict[tuple[str, str], str] = {}
    for row in read_rows(demo):
        key = (row["ImageID"], row["LabelName"])
        assert seen.setdefault(key, row["Confidence"]) == row["Confidence"]


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    drawn = [draw_dataset(tmp_path / name, cars=2, trees=2, seed=3) for name in "ab"]
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes()
         for path in sorted((tmp_path / name).rglob("*")) if path.is_file()}
        for name in "ab"
    )  # fmt: skip
    assert first == second
    assert drawn[0].counts == drawn[1].counts
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]  # no draft is left


def test_an_existing_dataset_is_reused(demo: DemoDataset) -> None:
    before = demo.labels.stat().st_mtime_ns
    assert draw_dataset(demo.labels.parent, cars=CARS, trees=TREES, seed=SEED) == demo
    assert demo.labels.stat().st_mtime_ns == before


def test_a_dataset_with_other_arguments_is_an_error(demo: DemoDataset) -> None:
    with pytest.raises(OutputExistsError, match=r"'seed': 6.*it contains .*'seed': 5"):
        draw_dataset(demo.labels.parent, cars=CARS, trees=TREES, seed=SEED + 1)


def test_another_drawing_version_is_an_error(
    demo: DemoDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DRAWING_VERSION", -1)
    with pytest.raises(OutputExistsError, match="drawing_version"):
        draw_dataset(demo.labels.parent, cars=CARS, trees=TREES, seed=SEED)


def test_other_files_and_folders_are_an_error_and_stay(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("keep")
    with pytest.raises(OutputExistsError, match="something else"):
        draw_dataset(folder, cars=1, trees=1)
    assert (folder / "notes.txt").read_text() == "keep"
    file = tmp_path / "file"
    file.write_text("keep")
    with pytest.raises(OutputExistsError):
        draw_dataset(file, cars=1, trees=1)


def test_an_incomplete_dataset_is_an_error(tmp_path: Path) -> None:
    demo = draw_dataset(tmp_path / "demo", cars=1, trees=1)
    next(demo.images.iterdir()).unlink()
    with pytest.raises(OutputExistsError, match="files are missing"):
        draw_dataset(tmp_path / "demo", cars=1, trees=1)


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "encode_jpeg", fail)
    with pytest.raises(KeyboardInterrupt):
        draw_dataset(tmp_path / "deep" / "demo", cars=1, trees=1)
    assert list((tmp_path / "deep").iterdir()) == []


@pytest.mark.parametrize("wrong", [{"cars": 0}, {"trees": 0}, {"seed": -1}])
def test_impossible_settings_are_errors(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="expected at least 1 car"):
        draw_dataset(tmp_path / "demo", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_the_record_contains_the_arguments(demo: DemoDataset) -> None:
    record = json.loads((demo.labels.parent / "dataset.json").read_text())
    assert (record["cars"], record["trees"], record["seed"]) == (CARS, TREES, SEED)
    assert record["counts"]["photos"] == demo.counts.photos
