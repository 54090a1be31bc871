"""A split that the labels give is used as it stands, or refused."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from sparkles.choices import Ambiguous
from sparkles.dataset import Dataset, Ledger, build_dataset, split_of
from sparkles.errors import LabelError
from sparkles.settings import LabelPolicy, SplitPolicy
from sparkles.sources import LabelClass, Photos
from tests.tables import made_table

LABELS = "image_id string, source string, mid string, confidence double, split string"
CLASSES = [LabelClass("cat", "cat"), LabelClass("dog", "dog")]
HASH = SplitPolicy(test_fraction=0.5)


def build(
    spark: SparkSession,
    rows: list[tuple[str, str, str | None]],
    split: SplitPolicy | None = HASH,
    ambiguous: Ambiguous = Ambiguous.DROP,
) -> tuple[Dataset, dict[str, str]]:
    table = made_table(spark, LABELS, [(name, None, mid, 1.0, part) for name, mid, part in rows])
    dataset = build_dataset(
        table,
        CLASSES,
        Photos(table=None, prefix="photos"),
        policy=LabelPolicy(),
        ambiguous=ambiguous,
        split=split,
    )
    found = dataset.examples.select("image_id", "split").collect()
    images = dataset.images | {"featurized": dataset.images["named"], "rejected": 0}
    Ledger(dataset.label_rows, images, None).check()
    return dataset, {row["image_id"]: row["split"] for row in found}


ROWS: list[tuple[str, str, str | None]] = [
    ("a", "cat", "train"),
    ("b", "dog", "TRAINING"),
    ("c", "cat", "val"),
    ("d", "dog", "Test "),
    # In several parts: only the last of them may be used.
    ("e", "cat", "train"),
    ("e", "cat", "test"),
    ("f", "dog", "valid"),
    ("f", "dog", "train"),
    # Repeated in one part, and of a class that is not chosen.
    ("a", "cat", "Train"),
    ("c", "bird", "train"),
]


def test_parts_are_those_of_the_labels_and_nothing_tested_is_trained_on(
    spark: SparkSession,
) -> None:
    dataset, parts = build(spark, ROWS)
    assert parts == {
        "a": "train", "b": "train", "c": "validation", "d": "test", "e": "test", "f": "validation",
    }  # fmt: skip
    assert dataset.images["in_several_parts"] == 2
    assert (dataset.label_rows["kept"], dataset.label_rows["duplicates"]) == (6, 3)
    given, several = dataset.notes
    assert given.endswith("train 2, validation 2, test 2")
    assert several.startswith("2 images are in several parts")
    assert "e (test and train), f (train and valid)" in several


def test_parts_of_a_dropped_label_count_too(spark: SparkSession) -> None:
    rows: list[tuple[str, str, str | None]] = [
        ("a", "cat", "train"), ("a", "dog", "test"), ("b", "cat", "train"), ("c", "dog", "test"),
    ]  # fmt: skip
    _, parts = build(spark, rows, ambiguous=Ambiguous.FIRST)
    assert parts == {"a": "test", "b": "train", "c": "test"}


def test_without_a_test_part_the_validation_part_is_tested_on(spark: SparkSession) -> None:
    rows: list[tuple[str, str, str | None]] = [("a", "cat", "train"), ("b", "dog", "dev")]
    dataset, parts = build(spark, rows)
    assert parts == {"a": "train", "b": "test"}
    assert dataset.notes[0].endswith("the validation part is tested on")


def test_labels_with_nothing_but_a_training_part_are_split_by_hash(spark: SparkSession) -> None:
    rows: list[tuple[str, str, str | None]] = [(f"{n}", "cat", "train") for n in range(20)]
    dataset, parts = build(spark, [*rows, ("x", "dog", "train")])
    assert parts == {name: split_of(name, HASH).value for name in parts}
    assert dataset.notes == ("the labels assign all images to train; they are split by hash",)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("fold 3", "got 'fold 3' for 1 images, for example x; correct it"),
        (None, "got 'nothing' for 1 images, for example x"),
        ("test", "leaves no image for training: train 0, validation 0, test 2"),
    ],
)
def test_other_parts_are_refused(spark: SparkSession, word: str | None, message: str) -> None:
    with pytest.raises(LabelError) as caught:
        build(spark, [("x", "cat", word), ("y", "dog", "test")])
    assert message in str(caught.value)
    assert caught.value.settings == ("split_column",)


def test_only_the_test_part_is_evaluated_if_there_is_one(spark: SparkSession) -> None:
    dataset, parts = build(spark, ROWS, split=None)
    assert parts == {"d": "test", "e": "test"}
    assert (dataset.images["named"], dataset.images["other_parts"]) == (2, 4)
    assert (dataset.label_rows["kept"], dataset.label_rows["other_parts"]) == (2, 4)
    _, parts = build(spark, [("a", "cat", "train"), ("b", "dog", "val")], split=None)
    assert parts == {"a": "test", "b": "test"}
