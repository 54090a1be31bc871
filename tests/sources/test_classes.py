"""Class descriptions, and the choice of classes by name or MID."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import LabelError, SourceError, UnknownClassError, UserError
from sparkles.sources import ClassNames, LabelClass, read_class_names

CAR, TREE, CAT = (
    LabelClass("/m/0k4j", "Car"),
    LabelClass("/m/07j7r", "Tree"),
    LabelClass("/m/01yrx", "Cat"),
)
NAMES = ClassNames([CAR, TREE, CAT])


Read = Callable[..., ClassNames]


@pytest.fixture
def read(spark: SparkSession, tmp_path: Path) -> Read:
    def write_and_read(content: str | bytes, name: str = "classes.csv") -> ClassNames:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_class_names(spark, str(path))

    return write_and_read


V5 = "/m/0k4j,Car\n/m/07j7r,Tree\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v5.csv", V5.encode()),
        ("v7.csv", ("LabelName,DisplayName\n" + V5).encode()),
        ("v5.csv.gz", gzip.compress(V5.encode(), mtime=0)),
        ("v7.csv.gz", gzip.compress(("LabelName,DisplayName\n" + V5).encode(), mtime=0)),
        ("windows.csv", V5.replace("\n", "\r\n").encode()),
        ("bom.csv", b"\xef\xbb\xbf" + V5.encode()),
        ("bom-header.csv", b"\xef\xbb\xbfLabelName,DisplayName\n" + V5.encode()),
    ],
)
def test_descriptions_are_read_with_and_without_header(
    read: Read, name: str, content: bytes
) -> None:
    names = read(content, name)
    assert len(names) == 2
    assert names.choose(["Tree", "Car"]) == [TREE, CAR]


def test_quoted_names_are_read_as_csv_quotes_them(read: Read) -> None:
    content = '/m/0a,"Cat, wild"\n/m/0b,"The ""real"" cat"\n/m/0c,Café\n'
    found = read(content).choose(["cat, wild", 'the "real" cat', "CAFÉ"])
    assert [each.name for each in found] == ["Cat, wild", 'The "real" cat', "Café"]


def test_official_file_is_read_as_the_csv_module_reads_it(spark: SparkSession, data: Path) -> None:
    path = data / "open_images" / "class-descriptions-boxable.csv"
    names = read_class_names(spark, str(path))
    with path.open(newline="", encoding="utf-8") as file:
        expected = [LabelClass(mid, name) for mid, name in csv.reader(file)]
    assert len(names) == len(expected) == 601
    assert names.choose([each.mid for each in expected]) == expected
    assert names.choose(["car", "TREE"]) == [CAR, TREE]


@pytest.mark.parametrize(
    ("content", "sample"),
    [
        ("", "no row"),
        ("LabelName,DisplayName\n", "no row"),
        ("/m/0k4j,Car\nTree,/m/07j7r\n", "the row Tree,/m/07j7r"),
        ("/m/0k4j,Car\n/m/07j7r\n", "the row /m/07j7r,None"),
        ("/m/0k4j,Car\n/m/07j7r,\n", "the row /m/07j7r,None"),
        ("/m/0k4j,Car\n/m/UPPER,Tree\n", "the row /m/UPPER,Tree"),
    ],
)
def test_rows_that_are_not_mid_and_name_are_refused(read: Read, content: str, sample: str) -> None:
    with pytest.raises(SourceError, match="expected rows like /m/0k4j,Car") as caught:
        read(content)
    assert sample in str(caught.value)


def test_missing_file_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="class names: there is nothing at"):
        read_class_names(spark, str(tmp_path / "nowhere.csv"))


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (["Car", "Tree"], [CAR, TREE]),
        (["tree", "CAR"], [TREE, CAR]),  # the order asked is kept
        (["/m/0k4j", "/m/07j7r"], [CAR, TREE]),
        (["/m/01yrx", "Car"], [CAT, CAR]),
        (["Car", "Tree", "car", "/m/0k4j"], [CAR, TREE]),  # each once
        ([" Car ", "", "Tree", "  "], [CAR, TREE]),
    ],
)
def test_classes_are_chosen_by_name_or_mid_in_the_order_asked(
    asked: list[str], chosen: list[LabelClass]
) -> None:
    assert NAMES.choose(asked) == chosen


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["Car", "Tre"], "class 'Tre' is not among the 3 known. Did you mean Tree?"),
        (["Car", "zzzzz"], "class 'zzzzz' is not among the 3 known."),
        (["Car", "/m/0k4"], "class '/m/0k4' is not among the 3 known. Did you mean /m/0k4j"),
    ],
)
def test_unknown_class_is_refused_with_the_nearest_names(asked: list[str], message: str) -> None:
    with pytest.raises(UnknownClassError) as caught:
        NAMES.choose(asked)
    assert str(caught.value).startswith(message)
    assert caught.value.settings == ("classes",)


@pytest.mark.parametrize(
    ("asked", "got"), [(["Car"], "got Car;"), (["Car", "/m/0k4j"], "got Car;"), ([], "got none;")]
)
def test_fewer_than_two_classes_are_refused(asked: list[str], got: str) -> None:
    with pytest.raises(LabelError, match="at least two classes") as caught:
        NAMES.choose(asked)
    assert got in str(caught.value)


def test_name_of_two_classes_is_refused() -> None:
    names = ClassNames([CAR, TREE, LabelClass("/m/0zz", "car")])
    with pytest.raises(LabelError, match="class 'Car' may be /m/0k4j or /m/0zz"):
        names.choose(["Car", "Tree"])
    assert names.choose(["/m/0k4j", "Tree"]) == [CAR, TREE]


def test_two_classes_of_the_same_name_are_refused_together() -> None:
    twin = LabelClass("/m/0zz", "Car")
    with pytest.raises(LabelError, match="/m/0k4j and /m/0zz are both called Car"):
        ClassNames([CAR, TREE, twin]).choose(["/m/0k4j", "Tree", "/m/0zz"])


def test_mids_are_used_as_names_without_class_descriptions() -> None:
    chosen = ClassNames().choose(["/m/0k4j", "/m/07j7r"])
    assert chosen == [LabelClass("/m/0k4j", "/m/0k4j"), LabelClass("/m/07j7r", "/m/07j7r")]
    with pytest.raises(UserError, match=r"'Car' is not a MID.* set class_names") as caught:
        ClassNames().choose(["/m/0k4j", "Car"])
    assert caught.value.settings == ("class_names",)
