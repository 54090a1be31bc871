"""Images with their classes, small enough to be counted by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame, SparkSession

from tests.tables import made_table

__all__ = ["IMAGES", "images_table"]

_SCHEMA = "image_id string, positive array<string>, negative array<string>"
IMAGES = [
    ("a", ["car", "wheel"], []),
    ("b", ["car", "wheel", "tree"], ["dog"]),
    ("c", ["car"], ["tree", "dog"]),
    ("d", ["tree"], []),
    ("e", [], ["car"]),
    ("f", ["dog"], ["dog"]),
]


def images_table(
    spark: SparkSession, images: Iterable[Sequence[object]] = tuple(IMAGES)
) -> DataFrame:
    return made_table(spark, _SCHEMA, images)
