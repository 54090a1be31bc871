"""Photos behind signed URIs: the secrets are used to read them, and written nowhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pyspark.sql import SparkSession

from sparkles.cli.program import main
from sparkles.commands import predict, train
from sparkles.demo.dataset import DemoDataset
from sparkles.settings import PredictSettings
from tests.drawn_run import DrawnRun, settings_for
from tests.http_server import serve

SECRET = "0f3a5ec2e7"


class Signed(SimpleHTTPRequestHandler):
    """Serves files to requests that have the signature."""

    def send_head(self) -> object:  # type: ignore[override]
        query = parse_qs(urlsplit(self.path).query)
        if query.get("X-Amz-Signature") != [SECRET]:
            self.send_error(403)
            return None
        return super().send_head()


@pytest.fixture
def address(drawn: DemoDataset) -> Iterator[str]:
    with serve(Signed, directory=str(drawn.images)) as address:
        yield address


def manifest(drawn: DemoDataset, address: str, path: Path, *, most: int, as_ids: bool) -> Path:
    """Write a manifest of signed URIs; as ids, or of the ids that the labels name."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "uri"])
        for photo in sorted(drawn.images.glob("*.jpg"))[:most]:
            uri = f"{address}/{photo.name}?w=9&X-Amz-Signature={SECRET}"
            writer.writerow([uri if as_ids else photo.stem, uri])
        absent = f"{address}/absent.jpg?X-Amz-Signature={SECRET}"
        writer.writerow([absent if as_ids else "absent", absent])
    return path


def assert_no_secret(spark: SparkSession, folder: Path) -> None:
    """Look into every file and file name, and into the rows of every table."""
    for path in folder.rglob("*"):
        assert SECRET not in path.name
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    for table in {path.parent for path in folder.rglob("part-*.parquet")}:
        rows = spark.read.parquet(str(table)).collect()
        assert SECRET not in str(rows), table


def test_predictions_have_no_secrets(
    spark: SparkSession, drawn_run: DrawnRun, address: str, tmp_path: Path
) -> None:
    images = manifest(drawn_run.dataset, address, tmp_path / "m.csv", most=3, as_ids=True)
    model, output = str(drawn_run.folder / "model"), tmp_path / "predictions"
    predict(PredictSettings(model=model, images=str(images), output=str(output)), spark)
    rows = spark.read.parquet(str(output)).collect()
    assert sorted(row["predicted_label"] is not None for row in rows) == [False, True, True, True]
    assert all(row["uri"] == row["image_id"] for row in rows)
    assert all(row["uri"].endswith("X-Amz-Signature=***") for row in rows)
    assert_no_secret(spark, output)


@pytest.mark.slow
def test_a_run_shows_photos_and_no_secrets(
    spark: SparkSession,
    drawn: DemoDataset,
    address: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    images = manifest(drawn, address, tmp_path / "m.csv", most=100, as_ids=False)
    output = tmp_path / "run"
    train(settings_for(drawn, output, images=str(images), quiet=False), spark)
    assert_no_secret(spark, output)
    # The heat maps were drawn from the photos themselves, before the secrets were gone.
    page = (output / "report.html").read_text()
    assert page.count("data:image/jpeg;base64,") > 4
    assert "HTTP 403" not in page
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err


def test_an_error_shows_no_secrets(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    uri = f"https://user:{SECRET}@nowhere.invalid/x.weights?token={SECRET}"
    folder = str(tmp_path)
    assert main(["train", "--images", folder, "--weights", uri, "--output", f"{folder}/x"]) == 2
    said = capsys.readouterr()
    assert "https://***@nowhere.invalid/x.weights?token=***" in said.err
    assert SECRET not in said.out + said.err
