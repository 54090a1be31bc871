"""The balance of the chosen classes, counted by hand."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.exploration.chosen import describe_chosen, with_chosen
from sparkles.sources import LabelClass
from tests.exploration.made_images import images_table
from tests.tables import made_table

CHOSEN = [LabelClass("car", "Car"), LabelClass("tree", "Tree"), LabelClass("fox", "Fox")]


def test_balance_and_ambiguity(spark: SparkSession) -> None:
    found = describe_chosen(images_table(spark), CHOSEN[:2])
    keys = ("name", "mid", "positive", "negative", "alone", "with_photo")
    rows = [("Car", "car", 3, 1, 2, None), ("Tree", "tree", 2, 1, 1, None)]
    assert found == {
        "classes": [dict(zip(keys, row, strict=True)) for row in rows],
        "images": 4,
        "ambiguous": 1,
        "combinations": [{"classes": ["Car", "Tree"], "images": 1}],
        "largest_share": pytest.approx(2 / 3, abs=1e-4),
        "ratio": 2.0,
    }


def test_class_without_images(spark: SparkSession) -> None:
    found = describe_chosen(images_table(spark), CHOSEN)
    assert [one["positive"] for one in found["classes"]] == [3, 2, 0]
    assert found["ratio"] is None
    none = describe_chosen(images_table(spark), CHOSEN[2:])
    assert (none["images"], none["ambiguous"], none["largest_share"]) == (0, 0, None)


def test_readable_photos_are_counted_by_class(spark: SparkSession) -> None:
    readable = made_table(spark, "image_id string", [("b",), ("d",), ("unlabelled",)])
    found = describe_chosen(images_table(spark), CHOSEN, readable)
    assert [one["with_photo"] for one in found["classes"]] == [1, 2, 0]


def test_only_images_with_a_chosen_class_are_kept(spark: SparkSession) -> None:
    rows = with_chosen(images_table(spark), CHOSEN).collect()
    assert {row.image_id for row in rows} == set("abcd")


def test_combinations_name_classes_in_the_order_asked(spark: SparkSession) -> None:
    found = describe_chosen(images_table(spark), [CHOSEN[1], CHOSEN[0]])
    assert found["combinations"] == [{"classes": ["Tree", "Car"], "images": 1}]
