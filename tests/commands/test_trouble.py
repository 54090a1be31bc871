"""Trouble that is not a photo's own ends a run, with the reason, and rejects no photo."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.commands.featurize import featurize
from sparkles.errors import SystemicError
from sparkles.settings import FeaturizeSettings
from sparkles.storage.s3_client import forget_client
from tests.http_server import serve


class Signed(http.server.BaseHTTPRequestHandler):
    """A server that refuses requests without credentials."""

    def do_GET(self) -> None:
        signed = "Authorization" in self.headers
        body = b"photo" if signed else b"<Error><Code>AccessDenied</Code></Error>"
        self.send_response(200 if signed else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def endpoint(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start S3, and give credentials to the driver alone."""
    configuration: Any = spark._jsc.hadoopConfiguration()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    forget_client()
    with serve(Signed) as address:
        configuration.set("fs.s3a.endpoint", address)
        yield
        configuration.unset("fs.s3a.endpoint")
        forget_client()


@pytest.mark.usefixtures("endpoint")
def test_workers_without_the_driver_s_credentials_end_the_run_and_reject_no_photo(
    spark: SparkSession, tmp_path: Path
) -> None:
    photos = spark.createDataFrame(
        [(f"{number}", f"s3://photos/{number}.jpg") for number in range(40)],
        "image_id string, uri string",
    )
    given = {"images": "photos", "model": "SparklesDemo", "quiet": True}
    settings = FeaturizeSettings.create({**given, "output": str(tmp_path / "features")})
    with pytest.raises(SystemicError, match=r"^this machine finds no AWS credentials.*\S$"):
        featurize(settings, spark, photos)
    assert list(tmp_path.iterdir()) == []
