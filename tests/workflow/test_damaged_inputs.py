"""A damaged input is named, where Spark reports only that some file ends too early."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.sources import read_labels
from sparkles.workflow.damaged_inputs import naming_damaged_inputs

HEADER = "ImageID,Source,LabelName,Confidence\n"
ROWS = "".join(f"{number:016x},verification,/m/0k4j,1\n" for number in range(50_000))


def test_a_file_that_ends_too_early_is_named(spark: SparkSession, tmp_path: Path) -> None:
    name = "l.csv.gz"
    whole = gzip.compress((HEADER + ROWS).encode())
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    (tmp_path / "names.csv.gz").write_bytes(gzip.compress(b"/m/0k4j,Car\n"))
    inputs = {
        "labels": str(tmp_path / name),
        "class_names": str(tmp_path / "names.csv.gz"),
        "images": str(tmp_path),
    }
    with pytest.raises(SourceError) as caught, naming_damaged_inputs(inputs):
        read_labels(spark, inputs["labels"]).where("confidence > 0").groupBy(
            "mid"
        ).count().collect()
    assert str(caught.value).startswith(f"{tmp_path / name} cannot be read: ")
    assert "\n" not in str(caught.value)
    assert caught.value.settings == ("labels",)


def test_other_failures_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "l.csv.gz").write_bytes(gzip.compress(b"whole"))
    with pytest.raises(Py4JError), naming_damaged_inputs({"labels": str(tmp_path / "l.csv.gz")}):
        raise Py4JError("An error occurred while calling o12.count")
