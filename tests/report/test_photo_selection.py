"""The selection of photos, compared with sorting by hand."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.report.photo_selection import ChosenPhoto, choose_photos, choose_rejected

SCHEMA = (
    "image_id string, uri string, label string, predicted_label string, probability double, "
    "probabilities map<string,double>"
)


def row(image_id: str, label: str, **probabilities: float) -> tuple[Any, ...]:
    predicted = max(probabilities, key=lambda name: probabilities[name])
    best = probabilities[predicted]
    return (image_id, f"file:/{image_id}.jpg", label, predicted, best, probabilities)


ROWS = [
    row("a", "Car", Car=0.9, Tree=0.1),
    row("b", "Car", Car=0.2, Tree=0.8),
    row("c", "Tree", Car=0.99, Tree=0.01),
    row("d", "Tree", Car=0.45, Tree=0.55),
    row("e", "Tree", Car=0.02, Tree=0.98),
    row("f", "Car", Car=0.97, Tree=0.03),
    row("g", "Tree", Car=0.02, Tree=0.98),
    row("h", "Tree", Car=0.6, Tree=0.4),
]


def ids(selection: tuple[list[ChosenPhoto], int]) -> list[str]:
    photos, _ = selection
    return [photo.image_id for photo in photos]


def test_each_kind_has_its_photos_in_order(spark: SparkSession) -> None:
    found = choose_photos(spark.createDataFrame(ROWS, SCHEMA), 4)
    assert ids(found["mistakes"]) == ["c", "b", "h"]
    assert found["mistakes"][1] == 3
    assert ids(found["uncertain"]) == ["d", "h", "b", "a"]
    assert found["uncertain"][1] == 8
    assert ids(found["typical"]) == ["f", "a", "e", "g"]  # among ties the first id
    assert found["typical"][1] == 5
    first = found["mistakes"][0][0]
    assert first.label == "Tree"
    assert first.probabilities == (("Car", 0.99), ("Tree", 0.01))


def test_the_predicted_class_comes_first_among_equal_probabilities(spark: SparkSession) -> None:
    tie = [("a", None, "Car", "Car", 0.5, {"Car": 0.5, "Tree": 0.5})]
    tie += [("b", None, "Car", "Tree", 0.5, {"Car": 0.5, "Tree": 0.5})]
    found = choose_photos(spark.createDataFrame(tie, SCHEMA), 2)
    assert [one.probabilities[0][0] for one in found["uncertain"][0]] == ["Car", "Tree"]


def test_a_kind_without_photos_is_empty(spark: SparkSession) -> None:
    right = choose_photos(spark.createDataFrame([ROWS[0]], SCHEMA), 3)
    assert right["mistakes"] == ([], 0)
    wrong = choose_photos(spark.createDataFrame([ROWS[1]], SCHEMA), 3)
    assert wrong["typical"] == ([], 0)
    assert ids(choose_photos(spark.createDataFrame(ROWS, SCHEMA), 0)["uncertain"]) == []


def test_typical_photos_of_many_classes_are_from_the_largest(spark: SparkSession) -> None:
    rows = [row(f"{k:02}{n}", f"c{k:02}", **{f"c{k:02}": 0.9 - n / 10, "other": 0.05})
            for k in range(20) for n in range(3)]  # fmt: skip
    rows.append(row("more", "c19", c19=0.95, other=0.05))
    found, total = choose_photos(spark.createDataFrame(rows, SCHEMA), 12)["typical"]
    assert total == 61
    assert len(found) == 12
    assert len({one.label for one in found}) == 12
    assert "more" in [one.image_id for one in found]  # its class has the most rows


REJECTED = "image_id string, uri string, labels array<string>, reason string, error string"


def test_rejected_photos_of_every_reason_are_chosen(spark: SparkSession) -> None:
    rows = [(f"n{n}", None, ["Car"], "no photo", "no photo: none") for n in range(9)]
    rows += [("t", "file:/t.jpg", ["Car", "Tree"], "truncated", "truncated: <b>")]
    found, total = choose_rejected(spark.createDataFrame(rows, REJECTED), 4)
    assert total == 10
    assert [one["image_id"] for one in found] == ["n0", "n1", "n2", "t"]
    assert found[-1] == {
        "image_id": "t", "uri": "file:/t.jpg", "labels": "Car, Tree", "error": "truncated: <b>",
    }  # fmt: skip


@pytest.mark.parametrize("most", [0, 3])
def test_without_rejected_photos_none_are_chosen(spark: SparkSession, most: int) -> None:
    assert choose_rejected(spark.createDataFrame([], REJECTED), most) == ([], 0)
