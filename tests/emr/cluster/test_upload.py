"""Uploads under names derived from content, and the files of a checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from sparkles.emr.cluster.aws import Aws
from sparkles.emr.cluster.upload import check_bucket, find_files, plan_upload, upload
from sparkles.errors import AwsError, SettingsError
from tests.emr.conftest import BUCKET, REGION


def test_objects_are_named_after_their_content(account: Any, tmp_path: Path) -> None:
    file = tmp_path / "env.tar.gz"
    file.write_bytes(b"environment")
    planned = plan_upload(file, BUCKET)
    digest = hashlib.sha256(b"environment").hexdigest()
    assert planned.uri == f"s3://{BUCKET}/sparkles/code/{digest}/env.tar.gz"
    assert planned.checked_uri == f"{planned.uri}#sha256={digest}"
    s3 = account.client("s3")
    assert upload(s3, planned, quiet=True)
    assert s3.get_object(Bucket=BUCKET, Key=planned.key)["Body"].read() == b"environment"
    assert not upload(s3, planned, quiet=True)
    file.write_bytes(b"another environment")
    assert plan_upload(file, BUCKET).key != planned.key


def test_an_object_with_other_content_is_uploaded_again(account: Any, tmp_path: Path) -> None:
    file = tmp_path / "env.tar.gz"
    file.write_bytes(b"environment")
    planned = plan_upload(file, BUCKET)
    s3 = account.client("s3")
    s3.put_object(Bucket=BUCKET, Key=planned.key, Body=b"environ")
    assert upload(s3, planned, quiet=True)
    s3.put_object(Bucket=BUCKET, Key=planned.key, Body=b"en7ironment")  # of the same length
    assert upload(s3, planned, quiet=True)
    assert s3.get_object(Bucket=BUCKET, Key=planned.key)["Body"].read() == b"environment"


def test_an_unusable_bucket_is_an_error(account: Any, tmp_path: Path) -> None:
    s3 = account.client("s3")
    with pytest.raises(AwsError, match=r"bucket no-such: 404; create it, or choose another"):
        check_bucket(s3, "no-such", REGION)
    where = {"LocationConstraint": "eu-west-1"}
    account.client("s3", region_name="eu-west-1").create_bucket(
        Bucket="far-away", CreateBucketConfiguration=where
    )
    with pytest.raises(AwsError, match=r"far-away is in eu-west-1, but") as found:
        check_bucket(s3, "far-away", REGION)
    assert found.value.settings == ("region",)
    file = tmp_path / "x"
    file.write_bytes(b"x")
    with pytest.raises(AwsError, match=r"upload to s3://no-such/.*NoSuchBucket"):
        upload(s3, plan_upload(file, "no-such"), quiet=True)


def test_a_missing_permission_is_an_error(credentials: None) -> None:
    boto3 = pytest.importorskip("boto3")
    stub = pytest.importorskip("botocore.stub")
    s3 = boto3.client("s3")
    with stub.Stubber(s3) as stubber:
        stubber.add_client_error("head_bucket", "403", "Forbidden", 403)
        with pytest.raises(AwsError, match=r"bucket theirs: 403; your credentials lack"):
            check_bucket(s3, "theirs", REGION)


def test_files_are_found_in_a_checkout(project: Path) -> None:
    found = find_files(project, {"bootstrap", "driver_archive", "bucket"}, with_job=True)
    assert {name: path.name for name, path in found.items()} == {
        "bootstrap": "install.sh",
        "driver_archive": "sparkles-driver-1.tar.gz",
        "entry_point": "sparkles_job.py",
    }


def test_the_newest_build_is_used(project: Path) -> None:
    newer = project / "dist" / "sparkles-driver-0.tar.gz"
    newer.write_text("newer")
    os.utime(newer, (2e9, 2e9))
    assert find_files(project, {"driver_archive"})["driver_archive"] == newer


def test_a_missing_file_names_the_command_that_makes_it(project: Path, tmp_path: Path) -> None:
    (project / "dist" / "sparkles-executors-1.tar.gz").unlink()
    with pytest.raises(
        SettingsError, match=r"dist/sparkles-executors-\*.tar.gz: run `make package`"
    ):
        find_files(project, {"executor_archive"})
    with pytest.raises(SettingsError, match="run this in a checkout, or choose one") as found:
        find_files(tmp_path / "elsewhere", {"bootstrap"})
    assert found.value.settings == ("project",)


def test_an_unknown_region_or_profile_is_an_error(
    credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Aws().region == REGION
    with pytest.raises(AwsError, match="region 'us-esat-1': expected a region with EMR"):
        Aws(region="us-esat-1")
    with pytest.raises(AwsError, match="profile"):
        Aws(profile="nobody")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AwsError, match="no AWS region is set; choose one") as found:
        Aws()
    assert found.value.settings == ("region",)
