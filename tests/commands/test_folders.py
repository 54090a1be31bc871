"""Folders of photos that no labels name: every file gets a row, on a disk and in S3."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.commands import featurize, predict
from sparkles.errors import SettingsError, SourceError
from sparkles.settings import FeaturizeSettings, PredictSettings
from sparkles.spark.s3_requests import s3_options
from sparkles.storage.s3_client import forget_client
from sparkles.workflow.run import start_run
from tests.drawn_run import DrawnRun
from tests.s3_server import s3_on_loopback

PHOTOS = 5


@pytest.fixture
def folder(drawn_run: DrawnRun, tmp_path: Path) -> Path:
    """Some good photos, an empty one, one that is none, and one of a camera in Adobe RGB."""
    target = tmp_path / "photos"
    target.mkdir()
    whole = sorted(drawn_run.dataset.images.glob("*.jpg"), key=lambda path: -path.stat().st_size)
    for path in whole[:PHOTOS]:
        (target / path.name).write_bytes(path.read_bytes())
    (target / "_DSC0001.JPG").write_bytes(whole[0].read_bytes())
    (target / "empty.jpg").touch()
    (target / "text.jpg").write_text("no photo")
    (target / ".thumbnail.jpg").write_bytes(whole[0].read_bytes())
    return target


@pytest.fixture
def bucket(folder: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with s3_on_loopback() as (endpoint, client):
        name = f"folders-{uuid.uuid4().hex}"  # the servers of a process share their buckets
        client.create_bucket(Bucket=name, ACL="public-read")
        for path in folder.iterdir():
            client.put_object(
                Bucket=name, Key=f"photos/{path.name}", Body=path.read_bytes(),
                ACL="public-read",
            )  # fmt: skip
        configuration: Any = spark._jsc.hadoopConfiguration()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        configuration.set("fs.s3a.endpoint", endpoint)
        configuration.set("fs.s3a.aws.credentials.provider", "AnonymousAWSCredentialsProvider")
        yield f"s3://{name}/photos"
        configuration.unset("fs.s3a.endpoint")
        configuration.unset("fs.s3a.aws.credentials.provider")
        forget_client()


def settings(drawn_run: DrawnRun, images: str, output: Path, **more: Any) -> PredictSettings:
    model = str(drawn_run.folder / "model")
    return PredictSettings.create({"model": model, "images": images, "output": str(output), **more})


def check(spark: SparkSession, output: Path) -> None:
    rows = {row.image_id: row for row in spark.read.parquet(str(output)).collect()}
    assert len(rows) == PHOTOS + 3
    assert rows["empty"].error.startswith("empty")
    assert rows["text"].error.startswith("not an image")
    assert rows["_DSC0001"].predicted_label in ("Car", "Tree")
    assert sum(row.error is None for row in rows.values()) == PHOTOS + 1


def test_an_empty_photo_is_reported(
    spark: SparkSession, drawn_run: DrawnRun, folder: Path, tmp_path: Path
) -> None:
    predict(settings(drawn_run, str(folder), tmp_path / "out", quiet=True), spark)
    check(spark, tmp_path / "out")


def test_photos_with_the_same_names_have_a_prediction_each(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    whole = max(drawn_run.dataset.images.glob("*.jpg"), key=lambda path: path.stat().st_size)
    names = {f"day-{day}/{number}" for day in range(4) for number in range(5)}
    for name in names:
        (tmp_path / "new" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "new" / f"{name}.jpg").write_bytes(whole.read_bytes())
    output = predict(settings(drawn_run, str(tmp_path / "new"), tmp_path / "out"), spark)
    rows = spark.read.parquet(output).collect()
    assert len(rows) == 20
    assert {row.image_id: row.uri.endswith(f"/new/{row.image_id}") for row in rows} == {
        f"{name}.jpg": True for name in names
    }
    counts = json.loads((tmp_path / "out" / "_run.json").read_text())["photos"]
    assert counts == {
        "listed": 20, "duplicate_ids": 0, "without_id": 0, "ids_from_paths": 20, "ignored_files": 0,
    }  # fmt: skip


def test_a_folder_in_s3_is_listed_with_progress(
    spark: SparkSession, drawn_run: DrawnRun, bucket: str, tmp_path: Path, capfd: Any
) -> None:
    predict(settings(drawn_run, bucket, tmp_path / "out"), spark)
    check(spark, tmp_path / "out")
    assert f"{PHOTOS + 3} files listed, " in capfd.readouterr().err
    given = {"images": bucket, "model": "SparklesDemo", "quiet": True}
    featurize(FeaturizeSettings.create({**given, "output": str(tmp_path / "features")}), spark)
    assert spark.read.parquet(str(tmp_path / "features")).count() == PHOTOS + 3


def test_listing_may_be_forbidden(
    spark: SparkSession, drawn_run: DrawnRun, bucket: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="cannot list the photos under"):
        predict(
            settings(drawn_run, bucket, tmp_path / "out", quiet=True, list_images="never"), spark
        )


def test_a_bucket_that_is_not_there(
    spark: SparkSession, drawn_run: DrawnRun, bucket: str, tmp_path: Path
) -> None:
    del bucket
    with pytest.raises(SourceError, match="NoSuchBucket"):
        predict(settings(drawn_run, "s3://absent/photos", tmp_path / "out", quiet=True), spark)
    assert not (tmp_path / "out").exists()


def test_who_pays_for_requests(spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path) -> None:
    asked = settings(drawn_run, "s3://b/p", tmp_path / "out", quiet=True, requester_pays=True)
    with start_run(asked, [], spark) as run:
        assert s3_options(spark).requester_pays
        run.finish({})
    assert not s3_options(spark).requester_pays
