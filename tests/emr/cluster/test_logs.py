"""The ends of a cluster's logs, from a simulated bucket."""

from __future__ import annotations

import dataclasses
import gzip
from typing import Any

import pytest

from sparkles.emr.cluster.logs import read_logs
from sparkles.emr.cluster.watch import Cluster, Step
from sparkles.errors import AwsError, SettingsError
from tests.emr.conftest import BUCKET

CLUSTER = Cluster(
    id="j-1", name="x", state="TERMINATED", reason="", code="", log_uri=f"s3://{BUCKET}/logs/",
    steps=(Step("s-1", "sparkles train", "FAILED", ""), Step("s-2", "again", "COMPLETED", "")),
    minutes=1,
)  # fmt: skip


@pytest.fixture
def s3(account: Any) -> Any:
    client = account.client("s3")
    for key, text in {
        "steps/s-1/stderr.gz": "".join(f"line {i}\n" for i in range(100)),
        "steps/s-1/controller.gz": "INFO\n",
        "steps/s-1/syslog.gz": "noise\n",
        "steps/s-2/stdout.gz": "fine\n",
        "node/i-1/bootstrap-actions/1/stderr.gz": "sparkles bootstrap: no room\n",
        "node/i-1/daemons/yarn.log.gz": "noise\n",
    }.items():
        body = gzip.compress(text.encode())
        client.put_object(Bucket=BUCKET, Key=f"logs/j-1/{key}", Body=body)
    return client


def test_the_end_of_each_steps_log_is_shown(s3: Any) -> None:
    shown = list(read_logs(s3, CLUSTER, None, lines=2))
    assert shown == [
        f"== s3://{BUCKET}/logs/j-1/steps/s-1/controller.gz", "INFO",
        f"== s3://{BUCKET}/logs/j-1/steps/s-1/stderr.gz", "line 98", "line 99",
        f"== s3://{BUCKET}/logs/j-1/steps/s-2/stdout.gz", "fine",
    ]  # fmt: skip


def test_one_steps_logs_can_be_shown(s3: Any) -> None:
    assert list(read_logs(s3, CLUSTER, "s-2", lines=5))[1:] == ["fine"]
    with pytest.raises(SettingsError, match="no step 's-9'; its steps: s-1, s-2"):
        list(read_logs(s3, CLUSTER, "s-9", lines=5))


def test_bootstrap_logs_are_shown_if_no_step_ran(s3: Any) -> None:
    for name in ("s-1/stderr", "s-1/controller", "s-1/syslog", "s-2/stdout"):
        s3.delete_object(Bucket=BUCKET, Key=f"logs/j-1/steps/{name}.gz")
    assert list(read_logs(s3, CLUSTER, None, lines=5)) == [
        f"== s3://{BUCKET}/logs/j-1/node/i-1/bootstrap-actions/1/stderr.gz",
        "sparkles bootstrap: no room",
    ]


def test_missing_logs_are_an_error(s3: Any) -> None:
    fresh = dataclasses.replace(CLUSTER, id="j-2")
    with pytest.raises(SettingsError, match=rf"no logs in s3://{BUCKET}/logs/j-2/ yet: EMR"):
        list(read_logs(s3, fresh, None, lines=5))
    with pytest.raises(SettingsError, match="started without LogUri"):
        list(read_logs(s3, dataclasses.replace(CLUSTER, log_uri=""), None, lines=5))
    gone = dataclasses.replace(CLUSTER, log_uri="s3://no-such-bucket/logs/")
    with pytest.raises(AwsError, match="NoSuchBucket"):
        list(read_logs(s3, gone, None, lines=5))


def test_a_half_copied_file_is_reported(s3: Any) -> None:
    body = gzip.compress(b"x" * 10_000)[:20]
    s3.put_object(Bucket=BUCKET, Key="logs/j-1/steps/s-2/stdout.gz", Body=body)
    assert list(read_logs(s3, CLUSTER, "s-2", lines=5))[1:] == ["(this file is not complete yet)"]
