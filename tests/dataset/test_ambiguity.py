"""Images of several classes under each policy."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.choices import Ambiguous
from sparkles.dataset.ambiguity import resolve_ambiguity
from tests.tables import made_table

SELECTED = "image_id string, label string, class_order int"
ROWS = [
    ("a", "Car", 0),
    ("b", "Tree", 1),
    ("e", "Tree", 1),
    ("e", "Car", 0),
    ("f", "Cat", 2),
    ("f", "Tree", 1),
    ("f", "Car", 0),
    ("g", "Cat", 2),
    ("g", "Tree", 1),
]


@pytest.mark.parametrize(
    ("policy", "left_out", "dropped_images", "dropped_rows"),
    [
        (Ambiguous.DROP, {2, 3, 4, 5, 6, 7, 8}, 3, 7),
        (Ambiguous.FIRST, {2, 4, 5, 7}, 0, 4),  # e is a Car, f a Car, g a Tree
        (Ambiguous.KEEP, set(), 0, 0),
    ],
)
def test_policy_decides_which_rows_of_several_classes_remain(
    spark: SparkSession,
    policy: Ambiguous,
    left_out: set[int],
    dropped_images: int,
    dropped_rows: int,
) -> None:
    selected = made_table(spark, SELECTED, ROWS)
    resolved, counts = resolve_ambiguity(selected, policy)
    assert resolved.columns == selected.columns
    expected = [row for place, row in enumerate(ROWS) if place not in left_out]
    assert sorted(tuple(row) for row in resolved.collect()) == sorted(expected)
    assert counts == {
        "with_chosen_class": 5,
        "ambiguous": 3,
        "dropped_as_ambiguous": dropped_images,
        "named": 5 - dropped_images,
        "ambiguous_label_rows": 7,
        "dropped_label_rows": dropped_rows,
    }


@pytest.mark.parametrize("policy", list(Ambiguous))
def test_images_of_one_class_remain_under_every_policy(
    spark: SparkSession, policy: Ambiguous
) -> None:
    selected = made_table(spark, SELECTED, ROWS[:2])
    resolved, counts = resolve_ambiguity(selected, policy)
    assert sorted(tuple(row) for row in resolved.collect()) == ROWS[:2]
    assert counts["with_chosen_class"] == counts["named"] == 2
    assert sum(counts.values()) == 4
