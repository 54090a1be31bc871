"""The most frequent classes, counted by hand."""

from __future__ import annotations

from collections import Counter

from pyspark.sql import SparkSession

from sparkles.exploration.frequent import ClassCount, frequent_classes
from tests.exploration.made_images import IMAGES, images_table


def test_most_frequent_come_first_and_equals_by_their_negatives(spark: SparkSession) -> None:
    found = frequent_classes(images_table(spark), 10)
    # Two images with a tree and two with a wheel: the tree also has a negative.
    assert [count.mid for count in found] == ["car", "tree", "wheel", "dog"]
    positive = Counter(mid for image in IMAGES for mid in image[1])
    negative = Counter(mid for image in IMAGES for mid in image[2])
    assert found == [ClassCount(one.mid, positive[one.mid], negative[one.mid]) for one in found]


def test_no_more_are_returned_than_asked_for(spark: SparkSession) -> None:
    assert [one.mid for one in frequent_classes(images_table(spark), 1)] == ["car"]


def test_class_with_only_negatives_comes_last(spark: SparkSession) -> None:
    table = images_table(spark, [("a", ["tree"], ["cat"]), ("b", [], ["cat"])])
    assert frequent_classes(table, 5) == [ClassCount("tree", 1, 0), ClassCount("cat", 0, 2)]
