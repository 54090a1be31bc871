"""The whole job with everything in S3: labels, class names, photos, and the output.

The server is a local one. Spark's connector comes from Maven Central; where that cannot be
reached and the connector is not in Ivy's cache, the test is skipped, saying so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.cli import main
from sparkles.demo.dataset import DemoDataset
from sparkles.storage.s3_client import forget_client
from tests.drawn_run import DrawnRun
from tests.s3_server import s3_on_loopback


@pytest.fixture
def bucket(drawn: DemoDataset) -> tuple[str, object]:
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket="drawn")
        client.upload_file(str(drawn.labels), "drawn", "labels.csv")
        client.upload_file(str(drawn.class_names), "drawn", "classes.csv")
        for photo in drawn.images.iterdir():
            client.upload_file(str(photo), "drawn", f"photos/{photo.name}")
        yield endpoint, client


def variables(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }


def run(arguments: list[str], endpoint: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables(endpoint)}
    command = [sys.executable, "-m", "sparkles.cli", *arguments, "--master", "local[2]"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if "unresolved dependency" in done.stderr:
        pytest.skip("Spark's S3 connector cannot be had: neither downloaded nor in Ivy's cache")
    return done


def arguments(output: str, photos: str = "s3://drawn/photos") -> list[str]:
    return [
        *("train", "--labels", "s3://drawn/labels.csv", "--class-names", "s3a://drawn/classes.csv"),
        *("--images", photos, "--classes", "Car,Tree", "--model", "SparklesDemo"),
        *("--output", output),
    ]


def test_labels_photos_and_model_in_s3(bucket: tuple[str, object], drawn_run: DrawnRun) -> None:
    endpoint, client = bucket
    done = run(arguments("s3://drawn/run"), endpoint)
    assert done.returncode == 0, done.stderr
    listed = client.list_objects_v2(Bucket="drawn", Prefix="run/")["Contents"]
    names = {entry["Key"].split("/")[1] for entry in listed}
    assert {"model", "metrics.json", "ledger.json", "report.html", "report.md", "run.json"} <= names
    there = json.loads(client.get_object(Bucket="drawn", Key="run/metrics.json")["Body"].read())
    here = json.loads((drawn_run.folder / "metrics.json").read_text())
    assert there["confusion_matrix"] == here["confusion_matrix"]
    ledger = json.loads(client.get_object(Bucket="drawn", Key="run/ledger.json")["Body"].read())
    assert ledger["rejected"] == drawn_run.trained.ledger["rejected"]
    # Nothing half-written stays: neither the draft folder nor the work folder.
    whole = client.list_objects_v2(Bucket="drawn")["Contents"]
    assert not [entry["Key"] for entry in whole if "incomplete" in entry["Key"]]
    again = run(arguments("s3://drawn/run"), endpoint)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_photos_that_are_refused_stop_the_job(
    spark: SparkSession,
    drawn: DemoDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = arguments(str(tmp_path / "run"), "s3://no-such-bucket/photos")
    words[words.index("s3://drawn/labels.csv")] = str(drawn.labels)
    words[words.index("s3a://drawn/classes.csv")] = str(drawn.class_names)
    with s3_on_loopback() as (endpoint, _):
        for name, value in variables(endpoint).items():
            monkeypatch.setenv(name, value)
        assert main(words) == 2
        forget_client()
    said = capsys.readouterr().err.splitlines()
    (line,) = [line for line in said if line.startswith("sparkles: error")]
    assert "NoSuchBucket; check the bucket's name" in line
    assert list(tmp_path.iterdir()) == []
