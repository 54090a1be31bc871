"""The choice of classes: by name, by their images, and from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import LabelError, SourceError, UnknownClassError
from sparkles.settings import ClassSettings, LabelPolicy
from sparkles.sources import ClassNames, LabelClass, choose_classes, classes_of_model
from tests.dataset.made_labels import LABELS
from tests.tables import made_table

NONE, BELIEF = ClassNames(), LabelPolicy()
COMPOSED, TAKEN_APART = "Caf\u00e9", "Cafe\u0301"


def rows_of(images: dict[str, int]) -> list[tuple[str, None, str, float]]:
    return [(f"{n}.jpg", None, name, 1.0) for name, count in images.items() for n in range(count)]


@pytest.fixture(scope="module")
def labels(spark: SparkSession) -> DataFrame:
    """Five classes, of which one has only a negative row; cats have a row twice."""
    rows = rows_of({"cat": 5, "Salt, pepper": 3, "dog": 3, COMPOSED: 1, TAKEN_APART: 1})
    rows += [("0.jpg", None, "cat", 1.0), ("x.jpg", None, "bird", 0.0), ("y.jpg", None, None, 1.0)]
    return made_table(spark, LABELS, rows).cache()


def names_by(labels: DataFrame, *classes: str, class_: tuple[str, ...] = ()) -> list[str]:
    asked = ClassSettings(classes=classes, class_=class_)
    return [one.name for one in choose_classes(labels, NONE, asked, BELIEF).classes]


def test_without_a_choice_all_classes_with_an_image_are_taken_by_name(labels: DataFrame) -> None:
    chosen = choose_classes(labels, NONE, ClassSettings(), BELIEF)
    assert [one.name for one in chosen.classes] == [COMPOSED, "Salt, pepper", "cat", "dog"]
    assert chosen.note == f"all 4 classes of the labels: {COMPOSED}, Salt, pepper, cat, dog"
    assert set(chosen.classes[0].keys) == {COMPOSED, TAKEN_APART}


def test_classes_are_chosen_by_their_different_images(labels: DataFrame) -> None:
    assert names_by(labels, "top:2") == ["Salt, pepper", "cat"]  # before dog, by name
    assert names_by(labels, "top:3") == ["Salt, pepper", "cat", "dog"]
    assert names_by(labels, "at-least:3") == ["Salt, pepper", "cat", "dog"]
    assert len(names_by(labels, "top:100")) == 4
    with pytest.raises(LabelError, match=r"1 of the 4 .* largest are cat with 5 images, Salt"):
        names_by(labels, "at-least:4")


def test_names_are_found_in_the_labels(labels: DataFrame, tmp_path: Path) -> None:
    assert names_by(labels, "DOG", "cat") == ["dog", "cat"]
    assert names_by(labels, "bird", "cat") == ["bird", "cat"]  # select_labels counts what is there
    assert names_by(labels, "cat", class_=("Salt, pepper", TAKEN_APART)) == [
        "cat", "Salt, pepper", COMPOSED,
    ]  # fmt: skip
    listed = tmp_path / "classes.txt"
    listed.write_text("\ufeffSalt, pepper\n\n dog \n")
    assert names_by(labels, f"@{listed}", "cat") == ["Salt, pepper", "dog", "cat"]
    with pytest.raises(SourceError, match="there is no file"):
        names_by(labels, "@nowhere.txt")
    with pytest.raises(UnknownClassError, match=r"'Sat, pepper' is not .* 5 known\. Did you mean"):
        names_by(labels, class_=("cat", "Sat, pepper"))
    with pytest.raises(LabelError, match="at least two classes, got cat"):
        names_by(labels, "cat")


def test_labels_with_one_class_or_no_positive_row_are_refused(spark: SparkSession) -> None:
    one = made_table(spark, LABELS, rows_of({"cat": 2}))
    with pytest.raises(LabelError, match="have one: cat with 2 images"):
        names_by(one)
    with pytest.raises(LabelError, match="no label row is positive"):
        names_by(one.where("mid = 'dog'"))


def test_descriptions_name_the_classes_that_are_counted(spark: SparkSession) -> None:
    known = ClassNames([LabelClass("0", "cat"), LabelClass("1", "dog"), LabelClass("2", "dog")])
    table = made_table(spark, LABELS, rows_of({"0": 1, "1": 1, "2": 1, "3": 1}))
    chosen = choose_classes(table, known, ClassSettings(), BELIEF).classes
    assert [(one.mid, one.name) for one in chosen] == [
        ("3", "3"), ("0", "cat"), ("1", "dog (1)"), ("2", "dog (2)"),
    ]  # fmt: skip


def test_mids_are_not_looked_up_and_names_ask_for_descriptions(spark: SparkSession) -> None:
    table = made_table(spark, LABELS, rows_of({"/m/0k4j": 1, "/m/07j7r": 1}))
    assert names_by(table, "/m/0zz", "/m/0k4j") == ["/m/0zz", "/m/0k4j"]
    with pytest.raises(UnknownClassError, match="set class_names"):
        names_by(table, "Car", "Tree")
    with pytest.raises(UnknownClassError, match="set class_names"):
        classes_of_model(table, NONE, ["Car", "Tree"], BELIEF)


def test_classes_of_a_model_are_found_or_missed(labels: DataFrame) -> None:
    found = classes_of_model(labels, NONE, ["cat", COMPOSED, "ox"], BELIEF)
    assert [one.keys for one in found.classes] == [
        ("cat",), (TAKEN_APART, COMPOSED), ("ox",),
    ]  # fmt: skip
    assert found.note == (
        "without any label: ox; labels that the model has no class for: Salt, pepper, bird, dog"
    )
    with pytest.raises(LabelError, match="none of the model's classes ox, yak; theirs are Caf"):
        classes_of_model(labels, NONE, ["ox", "yak"], BELIEF)
