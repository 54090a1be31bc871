"""Label tables, read as Open Images writes them and as other programs do."""

from __future__ import annotations

import bz2
import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.sources import read_labels

V5 = """ImageID,Source,LabelName,Confidence
0001eeaf4aed83f9,verification,/m/0cmf2,1
0004886b7d043cfd,crowdsource-verification,/m/01g317,0
0004886b7d043cfd,machine,/m/0463sg,0.7
"""
V5_ROWS = [
    ("0001eeaf4aed83f9", "verification", "/m/0cmf2", 1.0),
    ("0004886b7d043cfd", "crowdsource-verification", "/m/01g317", 0.0),
    ("0004886b7d043cfd", "machine", "/m/0463sg", 0.7),
]


Read = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def read(spark: SparkSession, tmp_path: Path) -> Read:
    """Return a function that writes a file and reads it as labels, in the file's order."""

    def write_and_read(content: str | bytes, name: str = "labels.csv") -> list[tuple[Any, ...]]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [tuple(row) for row in read_labels(spark, str(path)).collect()]

    return write_and_read


def test_columns_and_types(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(V5)
    assert read_labels(spark, str(tmp_path / "labels.csv")).dtypes == [
        ("image_id", "string"),
        ("source", "string"),
        ("mid", "string"),
        ("confidence", "double"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", V5.encode()),
        ("with space.csv", V5.encode()),
        ("labels.csv.gz", gzip.compress(V5.encode(), mtime=0)),
        ("labels.csv.bz2", bz2.compress(V5.encode())),
        ("bom.csv", b"\xef\xbb\xbf" + V5.encode()),
        ("windows.csv", V5.replace("\n", "\r\n").encode()),
        ("no-last-newline.csv", V5.rstrip().encode()),
    ],
)
def test_encodings_of_the_same_file_give_the_same_rows(
    read: Read, name: str, content: bytes
) -> None:
    assert read(content, name) == V5_ROWS


def test_labels_are_read_by_uri(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(V5)
    assert read_labels(spark, (tmp_path / "labels.csv").as_uri()).count() == 3


def test_columns_may_be_in_any_order_and_case_among_others(read: Read) -> None:
    content = (
        "confidence,Rotation,LABELNAME,imageid, Source \n"
        "1,90,/m/0k4j,a,verification\n"
        "0,,/m/07j7r,b,machine\n"
    )
    assert read(content) == [
        ("a", "verification", "/m/0k4j", 1.0),
        ("b", "machine", "/m/07j7r", 0.0),
    ]


def test_source_may_be_missing(read: Read) -> None:
    content = "ImageID,LabelName,Confidence\na,/m/0k4j,1\n"
    assert read(content) == [("a", None, "/m/0k4j", 1.0)]


def test_malformed_rows_are_kept_with_nulls(read: Read) -> None:
    content = (
        "ImageID,Source,LabelName,Confidence\n"
        "a,verification,/m/0k4j,yes\n"  # not a number
        "b,verification,/m/0k4j,\n"  # no confidence
        "c,verification\n"  # breaks off
        ",verification,/m/0k4j,1\n"  # no image
        "d,verification,/m/0k4j,1,more,and more\n"  # too long
        "e,verification,/m/0k4j,1\n"
    )
    assert read(content) == [
        ("a", "verification", "/m/0k4j", None),
        ("b", "verification", "/m/0k4j", None),
        ("c", "verification", None, None),
        (None, "verification", "/m/0k4j", 1.0),
        ("d", "verification", "/m/0k4j", 1.0),
        ("e", "verification", "/m/0k4j", 1.0),
    ]


def test_spaces_around_values_are_trimmed(read: Read) -> None:
    content = "ImageID,Source,LabelName,Confidence\n a , verification , /m/0k4j ,1\n"
    assert read(content) == [("a", "verification", "/m/0k4j", 1.0)]


def test_quoted_values_are_read_as_the_csv_module_writes_them(read: Read, tmp_path: Path) -> None:
    odd = ['with,comma"and quote', "back\\slash", 'ends in\\"', "plain"]
    with (tmp_path / "made.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ImageID", "Source", "LabelName", "Confidence"])
        writer.writerows([name, "verification", "/m/0k4j", 1] for name in odd)
    content = (tmp_path / "made.csv").read_bytes()
    assert [row[0] for row in read(content)] == odd


def test_numbers_in_text_columns_stay_text(read: Read) -> None:
    content = "ImageID,Source,LabelName,Confidence\n0012,1,007,1\n"
    assert read(content) == [("0012", "1", "007", 1.0)]


def test_header_alone_gives_no_rows(read: Read) -> None:
    assert read("ImageID,Source,LabelName,Confidence\n") == []


def test_official_sample_is_read_as_the_csv_module_reads_it(
    spark: SparkSession, data: Path
) -> None:
    path = data / "open_images" / "annotations-human-imagelabels-boxable.csv"
    with path.open(newline="") as file:
        expected = [
            (row["ImageID"], row["Source"], row["LabelName"], float(row["Confidence"]))
            for row in csv.DictReader(file)
        ]
    found = [tuple(row) for row in read_labels(spark, str(path)).collect()]
    assert found == expected
    assert len(found) == 370


def test_missing_file_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    with pytest.raises(SourceError, match=r"labels: there is nothing at .*nowhere\.csv"):
        read_labels(spark, str(path))


@pytest.mark.parametrize(
    ("content", "missing", "first"),
    [
        ("", "ImageID,LabelName,Confidence missing", "(empty)"),
        ("ImageID,Source,LabelName\na,b,c\n", "; Confidence missing", "ImageID"),
        ("a,verification,/m/0k4j,1\n", "ImageID,LabelName,Confidence missing", "/m/0k4j"),
        ("x" * 200_000 + "\n", "ImageID,LabelName,Confidence missing", "xxx"),
    ],
)
def test_wrong_header_is_refused(read: Read, content: str, missing: str, first: str) -> None:
    with pytest.raises(SourceError, match=missing) as caught:
        read(content)
    assert first in str(caught.value)
    assert len(str(caught.value)) < 1000
