import pytest

from sparkles.dataset import LabelPolicy
from sparkles.dataset.selection import select_labels
from sparkles.errors import LabelError
from tests.dataset.made_labels import CAR, CAT, CLASSES, LABELS, ROWS, TREE
from tests.tables import made_table


@pytest.fixture(scope="module")
def labels(spark):
    return made_table(spark, LABELS, ROWS).cache()


def select(labels, policy, classes=CLASSES):
    selected, counts = select_labels(labels, classes, policy)
    assert selected.columns == ["image_id", "label", "class_order"]
    rows = [tuple(row) for row in selected.collect()]
    assert len(set(rows)) == len(rows)
    return set(rows), counts


def test_fates_of_all_rows(labels):
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
        "read": 22,
        "malformed": 5,
        "other_classes": 2,
        "negative": 3,
        "other_sources": 0,
        "duplicates": 2,
        "kept": 10,
    }


def test_trusted_sources(labels):
    policy = LabelPolicy(sources=("verification", "crowdsource-verification"))
    rows, counts = select(labels, policy)
    assert {row[0] for row in rows} == {"a", "b", "c", "e", "f"}
    assert counts == {
        "read": 22,
        "malformed": 5,
        "other_classes": 2,
        "negative": 3,
        "other_sources": 3,  # d and a by the machine, m by nobody
        "duplicates": 1,
        "kept": 8,
    }


def test_lower_confidence(labels):
    rows, counts = select(labels, LabelPolicy(min_confidence=0.6))
    assert ("h", "Car", 0) in rows
    assert (counts["negative"], counts["kept"]) == (2, 11)
    _, counts = select(labels, LabelPolicy(min_confidence=0.601))
    assert (counts["negative"], counts["kept"]) == (3, 10)


def test_order_of_the_classes_is_the_order_asked(labels):
    rows, _ = select(labels, LabelPolicy(), [CAT, CAR])
    assert {row[1:] for row in rows} == {("Cat", 0), ("Car", 1)}


@pytest.mark.parametrize("policy", [LabelPolicy(), LabelPolicy(min_confidence=0.0)])
def test_counts_add_up_to_the_rows_read(labels, policy):
    _, counts = select(labels, policy, [CAR, TREE])
    assert counts.pop("read") == len(ROWS) == sum(counts.values())


def test_class_without_positive_label(labels):
    policy = LabelPolicy(sources=("crowdsource-verification",))
    with pytest.raises(LabelError) as caught:
        select_labels(labels, [CAR, TREE], policy)
    assert str(caught.value) == (
        "no positive label of Tree: of 22 label rows, 5 name other classes, 3 are below the "
        "confidence, 8 come from other sources, 5 are malformed; positive means Confidence of at "
        "least 1 and a Source among crowdsource-verification. Choose other --classes, "
        "--min-confidence or --sources"
    )


def test_class_without_positive_label_is_no_matter_where_none_need_be(labels):
    policy = LabelPolicy(sources=("crowdsource-verification",), every_class=False)
    rows, _ = select(labels, policy, [CAR, TREE])
    assert rows == {("a", "Car", 0)}


@pytest.mark.parametrize("every_class", [True, False])
def test_no_positive_label_at_all(labels, every_class):
    policy = LabelPolicy(min_confidence=2.0, every_class=every_class)
    with pytest.raises(LabelError, match="no positive label is left: of 22 label rows"):
        select_labels(labels, CLASSES, policy)


@pytest.mark.parametrize("every_class", [True, False])
def test_no_label_at_all(spark, every_class):
    empty = made_table(spark, LABELS, [])
    with pytest.raises(LabelError, match="no positive label is left: of 0 label rows"):
        select_labels(empty, CLASSES, LabelPolicy(every_class=every_class))
