"""Labels from a folder per class."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import LabelError
from sparkles.sources import Photos
from sparkles.sources.class_folders import labels_from_folders
from tests.tables import made_table

LISTED = "image_id string, uri string, path string"


def test_the_first_folder_is_the_class(spark: SparkSession) -> None:
    paths = ["cars/1.jpg", "cars/red/1.jpg", "Bus, red/ü.jpg", "loose.jpg"]
    table = made_table(spark, LISTED, [(path, f"/photos/{path}", path) for path in paths])
    labels = labels_from_folders(Photos(table))
    assert labels.columns == ["image_id", "source", "mid", "confidence"]
    assert {tuple(row) for row in labels.collect()} == {
        ("cars/1.jpg", None, "cars", 1.0),
        ("cars/red/1.jpg", None, "cars", 1.0),
        ("Bus, red/ü.jpg", None, "Bus, red", 1.0),
    }


@pytest.mark.parametrize("path", ["loose.jpg", None])
def test_photos_outside_folders_have_no_classes(spark: SparkSession, path: str | None) -> None:
    table = made_table(spark, LISTED, [("a", "/a.jpg", path)])
    with pytest.raises(LabelError, match="each class must be a folder"):
        labels_from_folders(Photos(table))
