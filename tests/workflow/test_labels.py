"""Labels from a folder per class, from a table and from a DataFrame lead to the same dataset."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from sparkles.commands import prepare
from sparkles.errors import LabelError, SettingsError
from sparkles.settings import PrepareSettings

CLASSES = {"cats": ("1", "2"), "dogs, large": ("3", "4"), "birds": ("5",)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for folder, names in CLASSES.items():
        (tmp_path / "photos" / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / "photos" / folder / f"{name}.jpg").write_bytes(b"never opened")
    return tmp_path / "photos"


def dataset_of(spark: SparkSession, output: Path) -> set[tuple[str, str]]:
    rows = spark.read.parquet(f"{output}/dataset").select("image_id", "label").collect()
    return {(row["image_id"], row["label"]) for row in rows}


def test_folders_are_classes_without_labels(
    spark: SparkSession, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(PrepareSettings(images=str(photos), output=str(tmp_path / "out")), spark)
    expected = {(name, folder) for folder, names in CLASSES.items() for name in names}
    assert dataset_of(spark, tmp_path / "out") == expected
    ledger = json.loads((tmp_path / "out" / "ledger.json").read_text())
    assert (ledger["label_rows"]["read"], ledger["label_rows"]["kept"]) == (5, 5)
    assert "all 3 classes of the labels: birds, cats, dogs, large" in capsys.readouterr().err


def test_a_dataframe_of_pandas_replaces_folders_and_files(
    spark: SparkSession, photos: Path, tmp_path: Path
) -> None:
    labels = pd.DataFrame({"id": ["1", "2", "3"], "species": ["cat", "lynx", "cat"]})
    settings = PrepareSettings(images=str(photos), output=str(tmp_path / "out"), quiet=True)
    prepare(settings, spark, labels=labels)
    assert dataset_of(spark, tmp_path / "out") == {("1", "cat"), ("2", "lynx"), ("3", "cat")}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_metadata_of_hugging_face_s_imagefolder_are_labels(
    spark: SparkSession, photos: Path, tmp_path: Path, form: str
) -> None:
    """With paths below the folder in ``file_name``, as ``datasets`` reads them."""
    rows = {"cats/1.jpg": "cat", "birds/5.jpg": "bird", "dogs, large/3.jpg": "cat"}
    table = pd.DataFrame({"file_name": list(rows), "label": list(rows.values()), "text": "any"})
    labels = photos / f"metadata.{form}"
    if form == "csv":
        table.to_csv(labels, index=False)
    else:
        table.to_json(labels, orient="records", lines=True)
    given = {"images": str(photos), "labels": str(labels), "output": str(tmp_path / "out")}
    prepare(PrepareSettings.create({**given, "quiet": True}), spark)
    expected = {("1", "cat"), ("5", "bird"), ("3", "cat")}
    assert dataset_of(spark, tmp_path / "out") == expected


def test_folders_of_a_split_beside_a_label_table_are_noted(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("train/1", "train/2", "test/3", "test/4"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / f"{name}.jpg").write_bytes(b"never opened")
    labels = pd.DataFrame({"id": ["1", "2", "3", "4"], "species": ["cat", "lynx"] * 2})
    given = {"images": str(tmp_path / "photos"), "output": str(tmp_path / "out")}
    prepare(PrepareSettings.create(given), spark, labels=labels)
    note = "the folders test and train directly below images are not used as the split"
    assert note in capsys.readouterr().err
    prepare(
        PrepareSettings.create({**given, "overwrite": True}),
        spark,
        labels=labels.assign(split=["train", "train", "test", "test"]),
    )
    assert note not in capsys.readouterr().err


def test_photos_without_folders_or_a_listing_are_refused(
    spark: SparkSession, photos: Path, tmp_path: Path
) -> None:
    output = str(tmp_path / "out")
    with pytest.raises(LabelError, match="each class must be a folder below images"):
        prepare(PrepareSettings(images=str(photos / "cats"), output=output, quiet=True), spark)
    settings = {"images": str(photos), "output": output, "quiet": True, "list_images": "never"}
    with pytest.raises(SettingsError, match="labels is missing; without it each folder"):
        prepare(PrepareSettings.create(settings), spark)


def plans_of_queries(spark: SparkSession) -> dict[int, str]:
    """Return the plan of each query of the session by its number."""
    assert spark._jsparkSession is not None
    found = spark._jsparkSession.sharedState().statusStore().executionsList()
    queries = [found.apply(place) for place in range(found.size())]
    return {query.executionId(): query.physicalPlanDescription() for query in queries}


@pytest.mark.parametrize(
    ("name", "header", "reads"),
    [
        ("open_images.csv.gz", "ImageID,LabelName,Confidence", 1),
        ("table.csv.gz", "file,label,confidence", 2),  # one of them looks for line breaks in cells
    ],
)
def test_a_run_parses_its_labels_once(
    spark: SparkSession, photos: Path, tmp_path: Path, name: str, header: str, reads: int
) -> None:
    rows = [
        f"{one},{label},1" for label, names in CLASSES.items() if "," not in label for one in names
    ]
    labels = tmp_path / name
    labels.write_bytes(gzip.compress("\n".join([header, *rows]).encode()))
    output = str(tmp_path / "out")
    settings = PrepareSettings(images=str(photos), labels=str(labels), output=output, quiet=True)
    prepare(settings, spark)
    assert dataset_of(spark, tmp_path / "out") == {("1", "cats"), ("2", "cats"), ("5", "birds")}
    plans = [plan for plan in plans_of_queries(spark).values() if name in plan]
    assert sum("CollectLimit" not in plan for plan in plans) == reads  # not those of the header


def test_a_folder_per_class_needs_few_queries(
    spark: SparkSession, photos: Path, tmp_path: Path
) -> None:
    before = max(plans_of_queries(spark), default=-1)
    prepare(PrepareSettings(images=str(photos), output=str(tmp_path / "out"), quiet=True), spark)
    plans = plans_of_queries(spark)
    # Stored: photos, joined rows, those with a photo, those without. Counted: photos, folders of a
    # split, folders at all, images by class, labels by what they state, what the join left out,
    # rows by part and class.
    assert sum(number > before for number in plans) == 11
