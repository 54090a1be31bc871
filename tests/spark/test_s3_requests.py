"""What the driver decides about requests to S3, and ships to the workers."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import StorageError
from sparkles.spark.s3_requests import check_photos_in_s3, paying_requests, s3_options
from sparkles.storage import S3Options
from sparkles.storage.s3_client import forget_client
from tests.http_server import serve


class Public(http.server.BaseHTTPRequestHandler):
    """A server that sends what is in its public folder."""

    def do_GET(self) -> None:
        body = b"photo" if "/public/" in self.path else b"<Error><Code>AccessDenied</Code></Error>"
        self.send_response(200 if body == b"photo" else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    forget_client()
    with serve(Public) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
        yield
        forget_client()


PUBLIC, PRIVATE = "s3://photos/public/a.jpg", "s3://photos/private/a.jpg"


@pytest.mark.usefixtures("endpoint")
def test_workers_are_told_what_the_driver_decided_until_the_run_ends(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paying_requests(spark, pays=False):
        assert s3_options(spark) == S3Options()
        check_photos_in_s3(spark, [PRIVATE, PUBLIC])
        assert s3_options(spark) == S3Options(anonymous=True, readable=PUBLIC)
    assert s3_options(spark) == S3Options()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    with paying_requests(spark, pays=False):
        check_photos_in_s3(spark, [PUBLIC])
        assert s3_options(spark) == S3Options(anonymous=False, readable=PUBLIC)


@pytest.mark.usefixtures("endpoint")
def test_a_run_that_is_refused_everything_does_not_begin(spark: SparkSession) -> None:
    refused = pytest.raises(StorageError, match="each of the 2 that were tried is refused")
    with paying_requests(spark, pays=False), refused:
        check_photos_in_s3(spark, [PRIVATE, PRIVATE])
