"""Photos of a class are chosen by their ids alone."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.exploration.class_photos import choose_class_photos
from tests.tables import made_table

from .made_images import images_table


def test_the_same_photos_are_chosen_whatever_the_order(spark: SparkSession) -> None:
    rows = [
        (f"i{place}", ["car", "tree"] if place % 5 == 0 else ["car"], []) for place in range(40)
    ]
    files = [(f"i{place}", f"/{place}.jpg") for place in range(40) if place != 10]
    chosen = []
    for turned in (False, True):
        images = images_table(spark, rows[::-1] if turned else rows)
        readable = made_table(spark, "image_id string, uri string", files)
        classes = [("tree", "Tree"), ("boat", "Boat"), ("car", "Car")]
        chosen.append(choose_class_photos(images, readable, classes))
    assert chosen[0] == chosen[1]
    tree, car = chosen[0]  # no photo shows a boat
    assert (tree.name, tree.total, len(tree.photos)) == ("Tree", 7, 7)
    assert (car.total, len({one.image_id for one in car.photos})) == (39, 8)
    assert {one.image_id for one in tree.photos} == {f"i{n}" for n in range(0, 40, 5)} - {"i10"}
    assert all(one.uri == f"/{one.image_id[1:]}.jpg" for one in car.photos)
