"""Images of several classes under each policy."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.choices import Ambiguous
from sparkles.dataset.ambiguity import resolve_ambiguity
from sparkles.dataset.selection import Selection, select_labels
from sparkles.settings import LabelPolicy
from sparkles.sources import LabelClass
from tests.dataset.made_labels import LABELS
from tests.tables import made_table

CLASSES = [LabelClass(name, name) for name in ("Car", "Tree", "Cat")]
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


def selected(spark: SparkSession, rows: list[tuple[str, str, int]]) -> Selection:
    labels = made_table(spark, LABELS, [(image, None, name, 1.0) for image, name, _ in rows])
    return select_labels(labels, CLASSES, LabelPolicy(), every_class=False)


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
    resolved, rows, images = resolve_ambiguity(selected(spark, ROWS), policy)
    assert resolved.columns == ["image_id", "label", "class_order"]
    expected = [row for place, row in enumerate(ROWS) if place not in left_out]
    assert sorted(tuple(row) for row in resolved.collect()) == sorted(expected)
    assert images == {
        "with_chosen_class": 5,
        "ambiguous": 3,
        "dropped_as_ambiguous": dropped_images,
        "named": 5 - dropped_images,
    }
    assert (rows["ambiguous"], rows["dropped_as_ambiguous"]) == (7, dropped_rows)
    assert rows["kept"] == 9 - dropped_rows


@pytest.mark.parametrize("policy", list(Ambiguous))
def test_images_of_one_class_remain_under_every_policy(
    spark: SparkSession, policy: Ambiguous
) -> None:
    resolved, rows, images = resolve_ambiguity(selected(spark, ROWS[:2]), policy)
    assert sorted(tuple(row) for row in resolved.collect()) == ROWS[:2]
    assert images == {
        "with_chosen_class": 2,
        "ambiguous": 0,
        "dropped_as_ambiguous": 0,
        "named": 2,
    }
    assert (rows["ambiguous"], rows["dropped_as_ambiguous"], rows["kept"]) == (0, 0, 2)
