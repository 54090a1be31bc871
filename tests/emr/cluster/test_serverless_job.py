"""Jobs on EMR Serverless: the request, the application and the wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sparkles.emr.cluster import serverless_job
from sparkles.emr.cluster.aws import Aws
from sparkles.emr.cluster.launch import LaunchOptions, plan_launch
from sparkles.errors import AwsError, ClusterError, SettingsError
from tests.emr.conftest import BUCKET


def options(project: Path, **more: Any) -> LaunchOptions:
    job = ("train", "--labels", "s3://b/l.csv")
    return LaunchOptions(bucket=BUCKET, project=project, **{"job": job, "account": "1", **more})


def test_the_request_contains_the_job(serverless_request: dict[str, Any], project: Path) -> None:
    planned = plan_launch(serverless_request, "serverless.json", options(project))
    submit = planned.request["StartJobRun"]["jobDriver"]["sparkSubmit"]
    assert submit["entryPoint"].endswith("/sparkles_job.py")
    assert submit["entryPointArguments"] == ["train", "--labels", "s3://b/l.csv"]
    assert "#sha256" not in submit["sparkSubmitParameters"]
    assert planned.request["StartJobRun"]["executionRoleArn"] == (
        "arn:aws:iam::1:role/SparklesServerlessJob"
    )
    with pytest.raises(SettingsError, match=r"\$\{account\} has no value"):
        plan_launch(serverless_request, "serverless.json", options(project, account=None))
    with pytest.raises(SettingsError, match="subnet: expected for clusters only"):
        plan_launch(serverless_request, "serverless.json", options(project, subnet="subnet-1"))
    with pytest.raises(SettingsError, match="add a job"):
        plan_launch(serverless_request, "serverless.json", options(project, job=()))


def test_an_application_is_created_once(
    account: Any, serverless_request: dict[str, Any], project: Path
) -> None:
    request = plan_launch(serverless_request, "serverless.json", options(project)).request
    serverless = Aws().client("emr-serverless")
    role = "arn:aws:iam::123456789012:role/SparklesServerlessJob"
    request["StartJobRun"]["executionRoleArn"] = role
    said: list[str] = []
    first = serverless_job.start_job(serverless, request, said.append)
    second = serverless_job.start_job(serverless, request, said.append)
    assert first.split("/")[0] == second.split("/")[0]
    assert first != second
    assert "created" in said[0]
    assert "exists already" in said[1]
    run = serverless_job.read_job(serverless, first)
    assert run.logs() == (
        f"s3://{BUCKET}/logs/applications/{first.split('/')[0]}/jobs/{first.split('/')[1]}"
        "/SPARK_DRIVER/stderr.gz"
    )
    serverless_job.cancel_job(serverless, first)
    with pytest.raises(ClusterError, match=f"job run {first} is CANCELLED"):
        serverless_job.wait_for_job(
            serverless, first, said.append, interval=1, sleep=lambda _: None
        )


def test_waiting_reports_each_state_once() -> None:
    class Serverless:
        states = iter(["PENDING", "RUNNING", "RUNNING", "SUCCESS"])

        def get_job_run(self, **_: Any) -> Any:
            return {"jobRun": {"state": next(self.states), "name": "sparkles"}}

    said: list[str] = []
    run = serverless_job.wait_for_job(
        Serverless(), "a/r", said.append, interval=1, sleep=lambda _: None
    )
    assert run.has_ended
    assert said == [f"a/r sparkles: {state}" for state in ("PENDING", "RUNNING", "SUCCESS")]


def test_an_unknown_run_is_an_error(account: Any) -> None:
    del account
    with pytest.raises(AwsError, match="job run nobody/nothing: "):
        serverless_job.read_job(Aws().client("emr-serverless"), "nobody/nothing")
