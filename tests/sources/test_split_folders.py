"""Folders that give the split, compared with a reading of each path by hand."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.choices import SplitFolders
from sparkles.errors import LabelError
from sparkles.sources.class_folders import labels_from_folders
from sparkles.sources.photos import Photos
from sparkles.sources.split_folders import find_split_folders

ABOVE = ["train/cat/1.jpg", "Train/dog/in/2.jpg", "VALID/cat/3.jpg", "test/dog/4.jpg"]
BELOW = ["cat/train/1.jpg", "dog/training/2.jpg", "cat/val/3.jpg", "dog/Test/in/4.jpg"]
FOUND = {
    ("1", "cat", "train"),
    ("2", "dog", "train"),
    ("3", "cat", "validation"),
    ("4", "dog", "test"),
}


def photos(spark: SparkSession, paths: list[str]) -> Photos:
    rows = [(path.rpartition("/")[2].removesuffix(".jpg"), path, path) for path in paths]
    return Photos(spark.createDataFrame(rows, "image_id string, uri string, path string"))


def read(
    spark: SparkSession, paths: list[str], asked: SplitFolders = SplitFolders.AUTO
) -> set[tuple[str, ...]]:
    listed = photos(spark, paths)
    assert listed.table is not None
    given = find_split_folders(listed.table, asked)
    labels = labels_from_folders(listed, given)
    kept = [name for name in ("image_id", "mid", "split") if name in labels.columns]
    return {tuple(row) for row in labels.select(kept).collect()}


@pytest.mark.parametrize("paths", [ABOVE, BELOW], ids=["above", "below"])
def test_folders_of_the_split_are_found_above_and_below_the_classes(
    spark: SparkSession, paths: list[str]
) -> None:
    # A photo outside all folders changes nothing, and has no class.
    assert read(spark, [*paths, "cover.jpg"]) == FOUND


def test_photos_of_a_part_that_are_in_no_class_have_no_label(spark: SparkSession) -> None:
    assert read(spark, [*ABOVE, "test/5.jpg"]) == FOUND


def test_turned_off_they_are_ordinary_folders(spark: SparkSession) -> None:
    found = read(spark, ABOVE, SplitFolders.NEVER)
    assert found == {("1", "train"), ("2", "Train"), ("3", "VALID"), ("4", "test")}
    assert read(spark, BELOW, SplitFolders.NEVER) == {(one, label) for one, label, _ in FOUND}


def test_a_class_called_train_is_a_class(spark: SparkSession) -> None:
    found = read(spark, ["train/1.jpg", "bus/2.jpg", "bus/3.jpg"])
    assert found == {("1", "train"), ("2", "bus"), ("3", "bus")}


@pytest.mark.parametrize(
    ("paths", "beside"),
    [([*ABOVE, "extra/5.jpg"], "extra"), ([*BELOW, "cat/5.jpg"], "cat")],
    ids=["above", "below"],
)
def test_other_folders_beside_them_are_a_question_to_the_user(
    spark: SparkSession, paths: list[str], beside: str
) -> None:
    with pytest.raises(LabelError, match=f"beside them, for example {beside}") as caught:
        read(spark, paths)
    assert caught.value.settings == ("images", "split_folders")
    assert read(spark, paths, SplitFolders.ALWAYS) == FOUND


def test_there_must_be_some_if_they_are_asked_for(spark: SparkSession) -> None:
    with pytest.raises(LabelError, match="there are none"):
        read(spark, ["cat/1.jpg", "dog/2.jpg"], SplitFolders.ALWAYS)
