"""A simulated AWS account, a small checkout, and configurations that tests may change."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
CONFIGURATIONS = REPOSITORY / "emr"
BUCKET = "our-bucket"
REGION = "us-east-1"


def read_json(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((CONFIGURATIONS / name).read_text())
    return content


def spoil(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Copy a configuration with another value at a path; ``None`` removes it.

    Paths look like ``Instances.InstanceFleets.0.Name``.
    """
    spoiled = copy.deepcopy(content)
    *way, last = path.split(".")
    place: Any = spoiled
    for word in way:
        place = place[int(word)] if word.isdigit() else place.setdefault(word, {})
    key: Any = int(last) if last.isdigit() else last
    if value is None:
        del place[key]
    else:
        place[key] = value
    return spoiled


@pytest.fixture
def cluster_request() -> dict[str, Any]:
    """A valid request for a cluster."""
    return read_json("m7i.json")


@pytest.fixture
def serverless_request() -> dict[str, Any]:
    """A valid request for EMR Serverless."""
    return read_json("serverless.json")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def account(credentials: None, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Simulate an account that has the bucket; return boto3."""
    del credentials
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto")
    # AWS' managed policies take seconds to load, so only the tests of setup request them.
    config = {"iam": {"load_aws_managed_policies": getattr(request, "param", False)}}
    with moto.mock_aws(config=config):
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield boto3


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small checkout with the files that `make package` makes."""
    folder = tmp_path / "project"
    for name, content in {
        "bootstrap/install.sh": "#!/bin/bash\n",
        "jobs/sparkles_job.py": "job\n",
        "dist/sparkles-driver-1.tar.gz": "driver",
        "dist/sparkles-executors-1.tar.gz": "executors",
        "dist/sparkles_ml-1-py3-none-any.whl": "wheel",
        "requirements/gpu.lock": "pinned",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder
