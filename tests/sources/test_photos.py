"""Photos attached to the images of a table."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from sparkles.sources import Photos
from tests.tables import made_table


def images_of(spark: SparkSession) -> DataFrame:
    return made_table(spark, "image_id string, label string", [("a", "Car"), ("b", "Tree")])


def test_photos_by_name_have_the_uris_of_their_ids(spark: SparkSession) -> None:
    photos = Photos(table=None, prefix="s3://bucket/photos/")
    assert photos.unique() is photos
    rows = photos.attach_to(images_of(spark)).collect()
    assert sorted(tuple(row) for row in rows) == [
        ("a", "Car", "s3://bucket/photos/a.jpg"),
        ("b", "Tree", "s3://bucket/photos/b.jpg"),
    ]


def test_images_without_a_listed_photo_have_no_uri(spark: SparkSession) -> None:
    listed = made_table(spark, "image_id string, uri string", [("a", "/a"), ("a", "/a")])
    rows = Photos(listed).unique().attach_to(images_of(spark)).collect()
    assert sorted(tuple(row) for row in rows) == [("a", "Car", "/a"), ("b", "Tree", None)]


def test_photos_of_a_dataframe_bring_their_bytes(spark: SparkSession) -> None:
    table = made_table(
        spark, "image_id string, uri string, image binary", [("b", "dataframe:b", "Yg==")]
    )
    attached = Photos(table).unique().attach_to(images_of(spark))
    assert attached.columns == ["image_id", "label", "uri", "image"]
    images = {row["image_id"]: row["image"] for row in attached.collect()}
    assert images == {"a": None, "b": bytearray(b"b")}
