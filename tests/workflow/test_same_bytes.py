"""Copies of photos: found by their hashes, and compared with a count by hand."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from pyspark.sql import SparkSession

from sparkles.run_files import SameBytes
from sparkles.workflow.same_bytes import describe_same_bytes, find_same_bytes

SCHEMA = "image_id string, label string, split string, sha256 string"
Row = tuple[str, str, str, str | None]


def count_by_hand(rows: list[Row]) -> dict[str, int]:
    labels: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    parts: dict[str, set[str]] = defaultdict(set)
    for image_id, label, split, sha256 in rows:
        if sha256 is not None:
            labels[sha256][image_id].add(label)
            parts[sha256].add(split)
    shared = {sha256: photos for sha256, photos in labels.items() if len(photos) > 1}
    return {
        "photos": sum(len(photos) for photos in shared.values()),
        "groups": len(shared),
        "in_several_parts": sum(len(parts[sha256]) > 1 for sha256 in shared),
        "with_different_labels": sum(
            len({frozenset(found) for found in photos.values()}) > 1 for photos in shared.values()
        ),
    }


def find(spark: SparkSession, rows: list[Row]) -> SameBytes | None:
    return find_same_bytes(spark.createDataFrame(rows, SCHEMA))


def test_copies_are_counted_as_by_hand(spark: SparkSession) -> None:
    draw = random.Random(4)
    rows: list[Row] = []
    for number in range(200):
        sha256 = f"{draw.randrange(120):064x}" if draw.random() < 0.9 else None
        split = draw.choice(["train", "train", "train", "test", "validation"])
        several = draw.sample(["Car", "Tree", "Cat"], draw.choice([1, 1, 1, 2]))
        rows += [(f"photo {number}", label, split, sha256) for label in several]
    expected = count_by_hand(rows)
    assert all(expected.values()), "the rows must show every case"
    found: Any = find(spark, rows)
    assert {name: found[name] for name in expected} == expected
    assert len(found["examples"]) == 3
    hashes = {image_id: sha256 for image_id, _, _, sha256 in rows}
    for one, other in found["examples"]:
        assert one["image_id"] != other["image_id"]
        assert hashes[one["image_id"]] == hashes[other["image_id"]]
        assert one["split"] != other["split"]  # there are more than three such groups


def test_an_example_has_different_labels_if_the_group_has(spark: SparkSession) -> None:
    rows: list[Row] = [(name, "Car", "test", "aa") for name in ("a", "b", "c")]
    rows += [("b", "Tree", "test", "aa"), ("d", "Car", "test", "bb"), ("e", "Car", "test", "bb")]
    found: Any = find(spark, rows)
    first, second = found["examples"]
    assert sorted(photo["labels"] for photo in first) == [["Car"], ["Car", "Tree"]]
    assert [photo["image_id"] for photo in second] == ["d", "e"]
    assert describe_same_bytes(found) == (
        "5 photos have the same bytes as another (2 groups). 1 group has different labels. For "
        "example 'a' (test, Car) and 'b' (test, Car, Tree); 'd' (test, Car) and 'e' (test, Car). "
        "All of them were used."
    )


def test_no_copies_and_no_hashes_are_different_answers(spark: SparkSession) -> None:
    # A photo with two labels is in two rows, and is no copy of itself.
    none = find(spark, [("a", "Car", "train", "aa"), ("a", "Tree", "train", "aa")])
    assert none == {
        "photos": 0,
        "groups": 0,
        "in_several_parts": 0,
        "with_different_labels": 0,
        "examples": [],
    }
    assert describe_same_bytes(none) is None
    unknown = find(spark, [("a", "Car", "train", None), ("b", "Car", "test", None)])
    assert unknown is None
    assert describe_same_bytes(unknown) is None
