from __future__ import annotations

import json
from typing import Any

import pytest

from sparkles.emr.cluster import serverless_job
from sparkles.emr.cluster.aws import Aws
from sparkles.emr.cluster.launch import LaunchOptions, plan_launch
from sparkles.emr.config.findings import errors_of
from sparkles.emr.config.validate import validate
from sparkles.errors import AwsError, ClusterError, SettingsError
from tests.emr.config.test_validate import spoil
from tests.emr.conftest import BUCKET, CONFIGURATIONS

SUBMIT = "StartJobRun.jobDriver.sparkSubmit.sparkSubmitParameters"


@pytest.fixture
def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONFIGURATIONS / "serverless.json").read_text())
    return found


def with_conf(content: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    submit = content["StartJobRun"]["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    assert old in submit
    return spoil(content, SUBMIT, submit.replace(old, new))


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("CreateApplication", None, "CreateApplication: is required"),
        ("StartJbRun", {}, "StartJbRun: there is no such field. Did you mean StartJobRun"),
        ("CreateApplication.releaseLabel", "banana", "releaseLabel: 'banana' is no release"),
        ("CreateApplication.type", "HIVE", "expected SPARK"),
        ("CreateApplication.architecture", "ARM64", "the environment is for X86_64"),
        ("CreateApplication.architecture", "Z80", "expected one of ARM64, X86_64"),
        ("CreateApplication.autoStopConfiguration.enabled", False, "idle workers go on costing"),
        ("StartJobRun.executionRoleArn", None, "executionRoleArn: is required, and missing"),
        ("StartJobRun.jobDriver", {}, "sparkSubmit: is required"),
    ],
)
def test_wrong_fields(content: dict[str, Any], path: str, value: Any, what: str) -> None:
    told = [str(each) for each in errors_of(validate(spoil(content, path, value)))]
    assert any(what in each for each in told), told


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("spark.archives=", "spark.archive=", "spark.archives with the environment is missing"),
        ("spark.executorEnv.PYSPARK_PYTHON", "spark.x", "executorEnv.PYSPARK_PYTHON is missing"),
        ("spark.executor.cores=4", "spark.executor.cores=5", "expected 1, 2, 4, 8, 16, got 5"),
        ("spark.executor.memory=8g", "spark.executor.memory=30g", "takes 8 to 30 GB in steps of 1"),
        ("spark.executor.memoryOverhead=4g", "spark.executor.memoryOverhead=1g", "cannot hold 4"),
        ("spark.driver.memory=8g", "spark.driver.memory=8192m", "expected sizes as 8g"),
        ("spark.driver.cores=4", "spark.driver.cores=8", "a driver of 8 vCPU takes 16 to 60"),
    ],
)
def test_wrong_workers(content: dict[str, Any], old: str, new: str, what: str) -> None:
    told = [each.what for each in errors_of(validate(with_conf(content, old, new)))]
    assert any(what in each for each in told), told


def options(project: Any, **more: Any) -> LaunchOptions:
    job = ("train", "--labels", "s3://b/l.csv")
    return LaunchOptions(bucket=BUCKET, project=project, **{"job": job, "account": "1", **more})


def test_the_job_is_filled_in(content: dict[str, Any], project: Any) -> None:
    planned = plan_launch(content, "serverless.json", options(project))
    submit = planned.request["StartJobRun"]["jobDriver"]["sparkSubmit"]
    assert submit["entryPoint"].endswith("/train.py")
    assert submit["entryPointArguments"] == ["--labels", "s3://b/l.csv"]
    assert "#sha256" not in submit["sparkSubmitParameters"]
    assert planned.request["StartJobRun"]["executionRoleArn"] == (
        "arn:aws:iam::1:role/SparklesServerlessJob"
    )
    with pytest.raises(SettingsError, match=r"nothing fills \$\{account\} in"):
        plan_launch(content, "serverless.json", options(project, account=None))
    with pytest.raises(SettingsError, match="--subnet is for clusters"):
        plan_launch(content, "serverless.json", options(project, subnet="subnet-1"))
    with pytest.raises(SettingsError, match="name a job after --"):
        plan_launch(content, "serverless.json", options(project, job=()))


def test_an_application_is_made_once(
    account: Any, content: dict[str, Any], project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = plan_launch(content, "serverless.json", options(project)).request
    serverless = Aws().client("emr-serverless")
    role = "arn:aws:iam::123456789012:role/SparklesServerlessJob"
    request["StartJobRun"]["executionRoleArn"] = role
    said: list[str] = []
    first = serverless_job.start_job(serverless, request, said.append)
    second = serverless_job.start_job(serverless, request, said.append)
    assert first.split("/")[0] == second.split("/")[0]
    assert first != second
    assert "created" in said[0]
    assert "is there already" in said[1]
    run = serverless_job.read_job(serverless, first)
    assert run.logs() == (
        f"s3://{BUCKET}/logs/applications/{first.split('/')[0]}/jobs/{first.split('/')[1]}"
        "/SPARK_DRIVER/stderr.gz"
    )
    serverless_job.cancel_job(serverless, first)
    with pytest.raises(ClusterError, match=f"job run {first} is CANCELLED"):
        serverless_job.wait_for_job(serverless, first, said.append, poll=1, sleep=lambda _: None)


def test_waiting_for_a_run() -> None:
    class Serverless:
        states = iter(["PENDING", "RUNNING", "RUNNING", "SUCCESS"])

        def get_job_run(self, **_: Any) -> Any:
            return {"jobRun": {"state": next(self.states), "name": "sparkles"}}

    said: list[str] = []
    run = serverless_job.wait_for_job(
        Serverless(), "a/r", said.append, poll=1, sleep=lambda _: None
    )
    assert run.has_ended
    assert said == [f"a/r sparkles: {state}" for state in ("PENDING", "RUNNING", "SUCCESS")]


def test_an_unknown_run(account: Any) -> None:
    with pytest.raises(AwsError, match="job run nobody/nothing: "):
        serverless_job.read_job(Aws().client("emr-serverless"), "nobody/nothing")
