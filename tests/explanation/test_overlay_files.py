"""Overlays are written by the workers, to local folders and to S3."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.explanation.overlay_files import write_overlays
from sparkles.spark.filesystem import FileSystem
from sparkles.storage import DEFAULT_S3, S3Options
from tests.s3_server import s3_on_loopback
from tests.tables import made_table

ROWS = [("overlays/cat/a.jpg", "YQ=="), ("overlays/b.jpg", "Yg=="), ("overlays/c.jpg", "Yw==")]


def test_overlays_are_written_without_the_driver(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileSystem, "write_bytes", None)
    table = made_table(spark, "place string, overlay binary", ROWS)
    folder = tmp_path / "with a%20b"
    assert write_overlays(table, str(folder), DEFAULT_S3) == 3
    assert (folder / "overlays/cat/a.jpg").read_bytes() == b"a"
    assert sorted(path.name for path in folder.rglob("*.jpg")) == ["a.jpg", "b.jpg", "c.jpg"]
    assert write_overlays(table.limit(0), str(folder), DEFAULT_S3) == 0


def test_overlays_are_written_to_s3(spark: SparkSession) -> None:
    table = made_table(spark, "place string, overlay binary", ROWS[1:])
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket="out")
        options = S3Options(endpoint=endpoint, anonymous=True)  # the simulated server allows it
        write_overlays(table, "s3://out/run", options)
        keys = [found["Key"] for found in client.list_objects_v2(Bucket="out")["Contents"]]
        body = client.get_object(Bucket="out", Key="run/overlays/b.jpg")["Body"].read()
    assert (keys, body) == (["run/overlays/b.jpg", "run/overlays/c.jpg"], b"b")
