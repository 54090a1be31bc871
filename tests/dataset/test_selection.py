"""Which label rows are used, and what the others are counted as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.dataset.selection import select_labels
from sparkles.errors import LabelError
from sparkles.settings import LabelPolicy
from sparkles.sources import LabelClass
from tests.dataset.made_labels import CAR, CAT, CLASSES, LABELS, ROWS, TREE
from tests.tables import made_table

Selected = set[tuple[str, str, int]]


@pytest.fixture(scope="module")
def labels(spark: SparkSession) -> DataFrame:
    return made_table(spark, LABELS, ROWS).cache()


def select(
    labels: DataFrame,
    policy: LabelPolicy,
    classes: Sequence[LabelClass] = CLASSES,
    *,
    every_class: bool = True,
) -> tuple[Selected, dict[str, int]]:
    selected = select_labels(labels, classes, policy, every_class=every_class)
    found = selected.table.select("image_id", "label", "class_order")
    rows = [tuple(row) for row in found.collect()]
    assert len(set(rows)) == len(rows)
    of_image = Counter(row[0] for row in rows)
    several = [count for count in of_image.values() if count > 1]
    counts = (selected.images, selected.ambiguous, selected.ambiguous_rows)
    assert counts == (len(of_image), len(several), sum(several))
    return set(rows), selected.label_rows


def test_every_row_is_selected_or_counted(labels: DataFrame) -> None:
    rows, counts = select(labels, LabelPolicy())
    assert rows == {
        ("a", "Car", 0),
        ("b", "Car", 0),
        ("c", "Tree", 1),
        ("d", "Cat", 2),
        ("e", "Car", 0),
        ("e", "Tree", 1),
        ("f", "Car", 0),
        ("f", "Tree", 1),
        ("f", "Cat", 2),
        ("m", "Cat", 2),
    }
    assert counts == {
        "read": 23,
        "malformed": 6,
        "other_classes": 2,
        "other_sources": 0,
        "negative": 2,
        "unsure": 1,
        "duplicates": 2,
        "kept": 10,
    }


def test_rows_of_other_sources_are_left_out(labels: DataFrame) -> None:
    policy = LabelPolicy(sources=("verification", "crowdsource-verification"))
    rows, counts = select(labels, policy)
    assert {row[0] for row in rows} == {"a", "b", "c", "e", "f"}
    assert counts == {
        "read": 23,
        "malformed": 6,
        "other_classes": 2,
        "other_sources": 4,  # d, a and h by the machine, m by nobody
        "negative": 2,
        "unsure": 0,
        "duplicates": 1,
        "kept": 8,
    }


def test_lower_confidence_makes_unsure_rows_positive(labels: DataFrame) -> None:
    rows, counts = select(labels, LabelPolicy(min_confidence=0.6))
    assert ("h", "Car", 0) in rows
    assert (counts["negative"], counts["unsure"], counts["kept"]) == (2, 0, 11)
    _, counts = select(labels, LabelPolicy(min_confidence=0.601))
    assert (counts["negative"], counts["unsure"], counts["kept"]) == (2, 1, 10)


def test_classes_are_numbered_in_the_order_asked(labels: DataFrame) -> None:
    rows, _ = select(labels, LabelPolicy(), [CAT, CAR])
    assert {row[1:] for row in rows} == {("Cat", 0), ("Car", 1)}


@pytest.mark.parametrize("policy", [LabelPolicy(), LabelPolicy(min_confidence=0.01)])
def test_counts_add_up_to_the_rows_read(labels: DataFrame, policy: LabelPolicy) -> None:
    _, counts = select(labels, policy, [CAR, TREE])
    assert counts.pop("read") == len(ROWS) == sum(counts.values())


def test_class_without_a_positive_label_is_refused(labels: DataFrame) -> None:
    policy = LabelPolicy(sources=("crowdsource-verification",))
    with pytest.raises(LabelError) as caught:
        select_labels(labels, [CAR, TREE], policy)
    assert str(caught.value) == (
        "the class Tree has no positive label: of 23 label rows, 6 are malformed, 5 name other "
        "classes, 11 come from other sources, 0 are negative and 0 unsure. A positive label has a "
        "Confidence of at least 1 and a Source among crowdsource-verification. Choose other "
        "classes, or change min_confidence or sources"
    )
    assert caught.value.settings == ("classes", "min_confidence", "sources")


def test_class_without_a_positive_label_is_allowed_for_evaluation(labels: DataFrame) -> None:
    policy = LabelPolicy(sources=("crowdsource-verification",))
    rows, _ = select(labels, policy, [CAR, TREE], every_class=False)
    assert rows == {("a", "Car", 0)}


@pytest.mark.parametrize("every_class", [True, False])
def test_labels_without_any_positive_row_are_refused(labels: DataFrame, every_class: bool) -> None:
    policy = LabelPolicy(sources=("nobody",))
    with pytest.raises(LabelError, match="no positive label is left: of 23 label rows"):
        select_labels(labels, CLASSES, policy, every_class=every_class)


@pytest.mark.parametrize("every_class", [True, False])
def test_empty_labels_are_refused(spark: SparkSession, every_class: bool) -> None:
    empty = made_table(spark, LABELS, [])
    with pytest.raises(LabelError, match="no positive label is left: of 0 label rows"):
        select_labels(empty, CLASSES, LabelPolicy(), every_class=every_class)


def test_thousands_of_classes_are_selected_with_all_their_spellings(spark: SparkSession) -> None:
    classes = [LabelClass(f"c{n}", f"class {n}", (f"C{n}",)) for n in range(3000)]
    ids = spark.range(6000).select(
        F.col("id").cast("string").alias("image_id"),
        F.lit(None).cast("string").alias("source"),
        F.concat(F.when(F.col("id") < 3000, "c").otherwise("C"), F.col("id") % 3000).alias("mid"),
        F.lit(1.0).alias("confidence"),
    )
    selected = select_labels(ids, classes, LabelPolicy())
    assert selected.label_rows["kept"] == 6000
    right = selected.table.where(F.expr("label = concat('class ', int(image_id) % 3000)"))
    assert right.where(F.expr("class_order = int(image_id) % 3000")).count() == 6000
