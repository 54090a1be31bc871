"""Photos attached to the images of a table."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.choices import Ambiguous
from sparkles.dataset import build_dataset
from sparkles.settings import LabelPolicy
from sparkles.sources import LabelClass, Photos
from sparkles.workflow.labelled_images import Examples
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


def shuffled_columns(table: DataFrame, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what each shuffle in the plan of a query moves."""
    capsys.readouterr()
    table.explain("formatted")
    blocks = capsys.readouterr().out.split("\n\n")
    moved = [block for block in blocks if ") Exchange" in block.splitlines()[0]]
    return [line for block in moved for line in block.splitlines() if line.startswith("Input")]


def test_bytes_of_photos_are_not_shuffled(
    spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = "image_id string, uri string, image binary"
    rows = [("a", "dataframe:a", "YQ=="), ("b", "dataframe:b", "Yg==")]
    labels = "image_id string, source string, mid string, confidence double"
    named = made_table(spark, labels, [(one, None, "m", 1.0) for one in ("a", "a", "b", "c")])
    limit = "spark.sql.autoBroadcastJoinThreshold"
    before = spark.conf.get(limit)
    spark.conf.set(limit, "-1")  # as for tables that are larger
    try:
        dataset = build_dataset(
            named,
            [LabelClass("m", "M")],
            Photos(made_table(spark, schema, rows)),
            policy=LabelPolicy(),
            ambiguous=Ambiguous.KEEP,
            split=None,
        )
        table = dataset.examples.drop("image")
        photos = Examples(dataset, table, ["M"]).photos_with_image()
        assert photos is not None
        assert photos.columns == ["image_id", "uri", "image"]
        moved = shuffled_columns(photos, capsys)
        images = {row["image_id"]: row["image"] for row in photos.collect()}
    finally:
        spark.conf.set(limit, before)
    assert moved
    assert not [columns for columns in moved if "image#" in columns]
    assert images == {"a": bytearray(b"a"), "b": bytearray(b"b"), "c": None}
