"""Tables that hold photos, and tables that hold only their URIs."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.spark.photo_tables import has_images, photo_column, spread_photos
from tests.tables import made_table

REFERENCES = "image_id string, uri string"
WHOLE = "image_id string, uri string, image binary"


def test_photos_are_loaded_from_the_table_or_from_their_uris(spark: SparkSession) -> None:
    references = made_table(spark, REFERENCES, [("a", "/a.jpg")])
    assert (has_images(references), photo_column(references)) == (False, "uri")
    whole = made_table(spark, WHOLE, [("a", None, "YQ==")])
    assert (has_images(whole), photo_column(whole)) == (True, "image")


def test_references_are_spread_over_tasks(spark: SparkSession) -> None:
    rows = [(str(number), f"/{number}.jpg") for number in range(400)]
    references = made_table(spark, REFERENCES, rows)
    spread = spread_photos(references, 400, most=64)
    assert spread.rdd.getNumPartitions() == 7
    assert sorted(spread.collect()) == sorted(references.collect())


def test_photos_in_the_table_are_not_shuffled(spark: SparkSession) -> None:
    whole = made_table(spark, WHOLE, [("a", None, "YQ==")])
    assert spread_photos(whole, 10_000) is whole
