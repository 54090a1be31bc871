"""Label tables, read as Open Images writes them and as other programs do."""

from __future__ import annotations

import bz2
import csv
import gzip
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.settings import LabelSettings, LabelTableSettings
from sparkles.sources import labels_from_table, read_labels

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
        "e,verification,/m/0k4j, 1. \n"
        "f,verification,/m/0k4j,1d\n"  # a number in Java
        "g,verification,/m/0k4j,NaN\n"
        "h,verification,/m/0k4j,1e400\n"
    )
    assert read(content) == [
        ("a", "verification", "/m/0k4j", None),
        ("b", "verification", "/m/0k4j", None),
        ("c", "verification", None, None),
        (None, "verification", "/m/0k4j", 1.0),
        ("d", "verification", "/m/0k4j", 1.0),
        ("e", "verification", "/m/0k4j", 1.0),
        ("f", "verification", "/m/0k4j", None),
        ("g", "verification", "/m/0k4j", None),
        ("h", "verification", "/m/0k4j", math.inf),  # which mark_rows takes for malformed
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
    ("content", "message"),
    [
        ("", "expected a table with a header, got an empty file"),
        ("a,verification,/m/0k4j,1\n", "columns are a, verification, /m/0k4j, 1"),
        ("x" * 200_000 + "\n", "names the photo"),
        ("ImageID,Source,Confidence\na,b,1\n", "names the class, called for example label"),
        ("file,breed,species\n", "the columns breed and species may both be the class"),
        ("file,label,class,target\n", "label, class and target may all be the class"),
        ("file,label,split,subset\n", "split and subset may both be the split"),
        ("id,ID ,label\n", "the column id stands in the header more than once"),
        ("image_id,ImageID,label\n", "image_id and ImageID may both be the photo's id"),
    ],
)
def test_wrong_header_is_refused(read: Read, content: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(content)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 1000


def as_pandas_reads(path: Path, **how: Any) -> list[tuple[str | None, ...]]:
    """The photo, the class and the split as pandas reads them, in the file's order."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, **how)
    return [tuple(cell.strip() or None for cell in row) for row in frame.to_numpy().tolist()]


TABLES = {
    "kaggle.csv": "id,breed\n001,boston_bull\n002,dingo\n",
    "two.tsv": "filename\tlabel\na b.jpg\tlabrador, black\nc.jpg\tcat\n",
    "tabs.txt": "File Name\tClass-Label\n1.jpg\t0\n2.jpg\t1\n",
    "excel.csv": "photo;species\nx.jpg;Löwe\ny.jpg;Bär\n",
    "quotes.csv": 'path,category\na/1.jpg,"Salt, pepper"\nb/1.jpg,"The ""real"" one"\n',
    "lines.csv": 'image,label\n1.jpg,"two\nlines"\n"2\n.jpg",cat\n3.jpg,dog\n',
    "space.csv": "url,target\nhttps://x.example/a.jpg,red panda \ns3://b/k.png, cat\n",
    "nothing.csv": "img,label\n1.jpg,NA\n2.jpg,null\n3.jpg,\n,None\n",
    "split.csv": "photo_id,label,Split\n1,cat,train\n2,dog,Test\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_read_as_pandas_reads_them(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(TABLES[name])
    table = read_labels(spark, str(path))
    separator = next(mark for mark in "\t;," if mark in TABLES[name].partition("\n")[0])
    columns = [column for column in ("image_id", "mid", "split") if column in table.columns]
    found = [tuple(row) for row in table.select(columns).collect()]
    assert found == as_pandas_reads(path, sep=separator)
    assert {tuple(row) for row in table.select("source", "confidence").collect()} == {(None, 1.0)}


def test_parquet_json_and_dataframes_hold_the_same_rows(
    spark: SparkSession, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {"fold": [1, 2, 3], "image.id": ["a", None, "c"], "label": [0.0, 1.0, float("nan")],
         "confidence": [1.0, 0.5, 0.0], "set": ["train", None, "test"]},
    )  # fmt: skip
    frame.to_parquet(tmp_path / "made.parquet")
    (tmp_path / "made.jsonl").write_text(frame.to_json(orient="records", lines=True))
    (tmp_path / "lines.json").write_text(frame.to_json(orient="records", indent=1))
    columns = LabelTableSettings(id_column="image.id")
    names = ("made.parquet", "made.jsonl", "lines.json")
    tables = {name: read_labels(spark, str(tmp_path / name), columns) for name in names}
    tables["pandas"] = labels_from_table(spark, frame, columns)
    tables["spark"] = labels_from_table(spark, spark.createDataFrame(frame), columns)
    expected = [
        ("a", None, "0", 1.0, "train"),
        (None, None, "1", 0.5, None),
        ("c", None, None, 0.0, "test"),
    ]
    for name, table in tables.items():
        found = [tuple(row) for row in table.collect()]
        if name in names[1:]:  # JSON writes 0.0 as text that a reader keeps
            found = [(*row[:2], row[2] and row[2].removesuffix(".0"), *row[3:]) for row in found]
        assert found == expected, name


CELLS = st.text(st.characters(codec="utf-8", categories=["L", "P", "S", "Zs", "N"]))


@settings(max_examples=5)
@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(codec="utf-8", categories=["L", "P", "S", "Zs", "N"]))] * 2
        )
    )
)
def test_what_the_csv_module_writes_is_read(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("drawn") / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([("file", "label"), *rows])
    found = read_labels(spark, str(path)).select("image_id", "mid").collect()
    expected = [tuple(cell.strip(" ") for cell in row) for row in rows]
    assert [tuple(cell or "" for cell in row) for row in found] == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels.xlsx", b"PK", "save the table as .csv or .parquet"),
        ("latin.csv", "file,label\na.jpg,L\xf6we\n".encode("latin-1"), "expected UTF-8"),
        ("open.csv", b'file,label\na.jpg,"cat\nb.jpg,dog\n', "a quotation mark is opened"),
        ("text.jsonl", b"a.jpg cat\n", "expected an object in each line"),
        ("nothing.json", b"", "expected an object in each line"),
        ("lists.jsonl", b'{"file": "a", "label": ["x", "y"]}\n', "in the column label, got array"),
        ("broken.parquet", b"not Parquet", "broken.parquet cannot be read"),
    ],
)
def test_files_that_are_no_table_are_refused(
    read: Read, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(content, name)
    assert message in str(caught.value)


def test_settings_name_columns_and_ignore_a_split(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "birds.csv"
    path.write_text("row,order,family,subset\na.jpg,Strigiformes,Tytonidae,left half\n")

    def read_by(**columns: str) -> list[tuple[Any, ...]]:
        table = read_labels(spark, str(path), LabelTableSettings(**columns))
        return [tuple(row) for row in table.collect()]

    assert read_by(id_column="row", label_column="Family", split_column="none") == [
        ("a.jpg", None, "Tytonidae", 1.0)
    ]
    with pytest.raises(SourceError, match=r"no column 'famly'\. Did you mean family\?") as caught:
        read_by(id_column="row", label_column="famly")
    assert caught.value.settings == ("label_column",)
    with pytest.raises(SourceError, match="must be different columns"):
        read_by(id_column="row", label_column="row")


def test_sources_need_their_column(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,label\na.jpg,cat\n")
    with pytest.raises(SourceError, match="by their column Source, and there is none"):
        read_labels(spark, str(path), LabelSettings(sources=("verification",)))


def test_names_of_photos_need_no_class(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("file\na.jpg\n")
    found = read_labels(spark, str(path), needs_class=False).collect()
    assert [row["image_id"] for row in found] == ["a.jpg"]
