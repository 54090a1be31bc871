"""Class descriptions by any key, in any of the usual files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.sources import read_class_names

FILES = {
    "numbers.csv": "0,cat\n1,dog\n",
    "header.csv": "id,name\n0,cat\n1,dog\n",
    "turned.csv": "Class Name,Class-ID\ncat,0\ndog,1\n",
    "tabs.txt": "0\tcat\n1\tdog\n",
    "excel.csv": "code;title\n0;cat\n1;dog\n",
    "object.json": json.dumps({"0": "cat", "1": "dog"}),
    "list.json": json.dumps(["cat", "dog"]),
    "rows.json": json.dumps([{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]),
}


@pytest.mark.parametrize("name", FILES)
def test_keys_of_any_form_have_names(spark: SparkSession, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name])
    names = read_class_names(spark, str(tmp_path / name))
    assert (len(names), names.name_of("0"), names.name_of("1")) == (2, "cat", "dog")


def test_imagenet_s_mapping_has_all_names_of_a_class(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "LOC_synset_mapping.txt"
    path.write_text("n01440764 tench, Tinca tinca\nn02012849 crane\n")
    names = read_class_names(spark, str(path))
    assert [names.name_of(key) for key in ("n01440764", "n02012849")] == [
        "tench, Tinca tinca", "crane",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("one.csv", "cat\ndog\n", "got the row cat,None"),
        ("twice.csv", "0,cat\n0,dog\n", "0 is called both cat and dog"),
        ("broken.json", "{", "expected JSON"),
        ("number.json", "7", "expected an object such as"),
        ("rows.json", '[{"id": 0}]', "got the row 0,None"),
    ],
)
def test_other_files_are_refused(
    spark: SparkSession, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SourceError) as caught:
        read_class_names(spark, str(tmp_path / name))
    assert message in str(caught.value)
