"""``sparkles explore`` from files to files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image
from pyspark.sql import SparkSession

from sparkles.choices import Reason
from sparkles.cli import main
from sparkles.commands import explore
from sparkles.errors import LabelError, SettingsError, UserError
from sparkles.settings import ExploreSettings
from tests.photos import encode, picture

ROWS = """ImageID,Source,LabelName,Confidence
a,verification,/m/car,1
a,verification,/m/wheel,1
b,verification,/m/car,1
b,verification,/m/wheel,1
b,verification,/m/tree,1
c,verification,/m/tree,1
c,machine,/m/car,0.7
d,verification,/m/tree,0
a,verification,/m/car,1
,verification,/m/car,1
"""
NAMES = "/m/car,Car\n/m/tree,<script>\n/m/wheel,Wheel\n"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "labels.csv").write_text(ROWS)
    (tmp_path / "names.csv").write_text(NAMES)
    return {
        "labels": str(tmp_path / "labels.csv"),
        "class_names": str(tmp_path / "names.csv"),
        "output": str(tmp_path / "out"),
        "quiet": True,
    }


def explored(given: dict[str, Any], spark: SparkSession) -> tuple[dict[str, Any], Path]:
    folder = Path(explore(ExploreSettings.create(given), spark))
    return json.loads((folder / "explore.json").read_text()), folder


def test_labels_alone(spark: SparkSession, given: dict[str, Any]) -> None:
    facts, folder = explored(given, spark)
    assert facts["labels"]["rows"] == {
        "read": 10,
        "positive": 7,
        "negative": 1,
        "unsure": 1,
        "other_sources": 0,
        "malformed": 1,
        "repeated": 1,
    }
    names = [(one["name"], one["positive"], one["negative"]) for one in facts["classes"]]
    assert names == [("<script>", 2, 1), ("Car", 2, 0), ("Wheel", 2, 0)]
    together = facts["co_occurrence"]
    assert together["images"] == 3
    assert together["together"][1][2] == 2
    assert together["strongest"] == {"jaccard": [], "lift": []}  # of two images: not enough
    assert facts["photos"] is None
    assert facts["chosen"] is None
    figures = {path.stem for path in (folder / "figures").glob("*.png")}
    assert figures == {"labels-per-image", "frequent-classes", "dendrogram", "jaccard", "lift"}
    for path in (folder / "figures").glob("*.png"):
        Image.open(path).verify()
    page = (folder / "explore.html").read_text()
    assert page.count("data:image/svg+xml;base64,") == 5
    assert "<script>" not in page
    assert json.loads((folder / "run.json").read_text())["command"] == "explore"
    assert not (folder / "_work").exists()


def test_photos(spark: SparkSession, given: dict[str, Any], tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(encode(picture(30, 40)))
    (photos / "b.jpg").write_text("no photo")
    (photos / "unlabelled.jpg").write_bytes(encode(picture(30, 40)))
    facts, folder = explored(given | {"images": str(photos), "classes": "Car,/m/tree"}, spark)
    found = facts["photos"]
    # d is named by a negative label only: with classes chosen, nobody looks for its photo.
    assert (found["asked"], found["readable"], found["without_label"]) == (3, 1, 1)
    assert found["reasons"] == {"no photo": 1, "not an image": 1}
    assert found["sizes"] == {"40 x 30": 1}
    chosen = facts["chosen"]
    assert (chosen["images"], chosen["ambiguous"]) == (3, 1)
    assert [one["with_photo"] for one in chosen["classes"]] == [1, 0]
    rows = spark.read.parquet(str(folder / "photos")).collect()
    assert {row.image_id: row.reason for row in rows} == {
        "a": None,
        "b": Reason.NOT_AN_IMAGE,
        "c": Reason.NO_PHOTO,
    }
    assert (folder / "figures" / "dimensions.png").exists()
    page = (folder / "explore.html").read_text()
    assert "Car: 1 of 1" in page  # b cannot be read, and Tree has no readable photo
    assert page.count("data:image/jpeg;base64,") == 1


def test_photos_by_name_of_every_label(
    spark: SparkSession, given: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "d.jpg").write_bytes(encode(picture(30, 40)))
    more = {"images": str(tmp_path / "photos"), "list_images": "never", "top": 2}
    facts, folder = explored(given | more, spark)
    assert (facts["photos"]["asked"], facts["photos"]["readable"]) == (4, 1)
    assert facts["photos"]["without_label"] is None  # nobody listed what there is
    assert len(facts["co_occurrence"]["classes"]) == 2
    assert not (folder / "figures" / "chosen-classes.png").exists()


def test_one_label_an_image_is_explored_with_photos_and_without_pairs(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    rows = [(f"{name}{place}", name) for name in ("cats", "dogs") for place in range(3)]
    for image_id, _ in rows:
        (tmp_path / "photos" / f"{image_id}.jpg").write_bytes(encode(picture(40, 30)))
    labels = pd.DataFrame(rows, columns=["id", "label"])
    labels.to_csv(tmp_path / "labels.csv", index=False)
    given = {"labels": str(tmp_path / "labels.csv"), "images": str(tmp_path / "photos")}
    more = {"output": str(tmp_path / "out"), "quiet": True}
    facts, folder = explored(given | more, spark)
    assert facts["co_occurrence"] is None
    assert not list((folder / "figures").glob("jaccard*"))
    page = " ".join((folder / "explore.html").read_text().split())
    assert "No image has more than one label" in page
    assert "Images have one positive label each" in page
    for name in ("cats", "dogs"):
        assert f"{name}: 3 of 3" in page
        assert all(f"{name}: photo {name}{place}" in page for place in range(3))


def test_other_rules_and_no_names(spark: SparkSession, given: dict[str, Any]) -> None:
    del given["class_names"]
    facts, _ = explored(given | {"min_confidence": 0.5, "sources": "machine"}, spark)
    assert facts["labels"]["rows"]["positive"] == 1
    assert facts["labels"]["rows"]["other_sources"] == 8
    assert [one["name"] for one in facts["classes"]] == ["/m/car"]
    assert facts["co_occurrence"] is None  # one class is no pair


def test_classes_of_one_name_are_told_apart(
    spark: SparkSession, given: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "names.csv").write_text("/m/car,Thing\n/m/tree,Tree\n/m/wheel,Thing\n")
    facts, _ = explored(given, spark)
    names = [one["name"] for one in facts["classes"]]
    assert names == ["Tree", "Thing (/m/car)", "Thing (/m/wheel)"]


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ({"top": 1}, SettingsError, "top: expected a whole number from 2 to 100, got 1"),
        ({"top": 101}, SettingsError, "top: expected a whole number from 2 to 100, got 101"),
        (
            {"sources": "nobody"},
            LabelError,
            "can be used: 1 are malformed, 9 come from",
        ),
        ({"classes": "Car"}, LabelError, "at least two classes"),
        ({"classes": "Car,Boat"}, UserError, "class 'Boat'"),
        ({"images": "nowhere-at-all"}, UserError, "there is nothing at nowhere-at-all"),
    ],
)
def test_what_cannot_work_leaves_nothing(
    spark: SparkSession,
    given: dict[str, Any],
    tmp_path: Path,
    more: dict[str, Any],
    kind: type[Exception],
    said: str,
) -> None:
    with pytest.raises(kind, match=said):
        explored(given | more, spark)
    assert {path.name for path in tmp_path.iterdir()} == {"labels.csv", "names.csv"}


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", "--output", "out"]) == 2
    assert "error: --labels is missing" in capsys.readouterr().err
    assert main(["explore", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "--top N" in said
    assert "default: 48" in said


def test_real_labels(spark: SparkSession, data: Path, tmp_path: Path) -> None:
    labels = data / "open_images" / "test-split-labels-only.csv"
    names = data / "open_images" / "class-descriptions-boxable.csv"
    given = {"labels": str(labels), "class_names": str(names), "output": str(tmp_path / "out")}
    facts, _ = explored(given | {"quiet": True, "classes": "Car,Tree"}, spark)
    table = pd.read_csv(labels).merge(
        pd.read_csv(names, names=["LabelName", "name"]), on="LabelName", how="left"
    )
    frequent = table.groupby("name").ImageID.nunique().sort_values(ascending=False)
    shown = {one["name"]: one["positive"] for one in facts["classes"]}
    assert list(shown.values()) == list(frequent.head(48))
    assert all(frequent[name] == images for name, images in shown.items())
    cars = set(table[table.name == "Car"].ImageID)
    trees = set(table[table.name == "Tree"].ImageID)
    assert facts["chosen"]["ambiguous"] == len(cars & trees)
    assert facts["chosen"]["images"] == len(cars | trees)


def test_real_photos(spark: SparkSession, data: Path, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    source = data / "car_tree"
    paths = sorted((source / "images").glob("*.jpg"))[:40]
    for path in paths:
        shutil.copy(path, images)
    given = {
        "labels": str(source / "annotations-human-imagelabels-boxable.csv"),
        "class_names": str(source / "class-descriptions-boxable.csv"),
        "images": str(images),
        "output": str(tmp_path / "out"),
        "quiet": True,
    }
    facts, _ = explored(given, spark)
    photos = facts["photos"]
    assert photos["readable"] == 40
    assert photos["reasons"] == {"no photo": photos["asked"] - 40}
    widths = []
    for path in paths:
        with Image.open(path) as image:
            widths.append(image.width)
    assert photos["quantiles"]["width"]["most"] == max(widths)
    assert photos["quantiles"]["bytes"]["most"] == max(path.stat().st_size for path in paths)
