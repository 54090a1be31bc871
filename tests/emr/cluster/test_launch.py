"""Requests filled in from a configuration and a job, and clusters launched with them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from sparkles.emr.cluster.aws import Aws
from sparkles.emr.cluster.launch import LaunchOptions, launch_cluster, plan_launch, send_files
from sparkles.emr.config.template import placeholders_in
from sparkles.errors import AwsError, SettingsError
from tests.emr.conftest import BUCKET

JOB = ("train", "--labels", "s3://b/labels.csv", "--output", "s3://b/run")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plan(content: dict[str, Any], project: Any, **more: Any) -> Any:
    options = LaunchOptions(bucket=BUCKET, project=project, **{"job": JOB, **more})
    return plan_launch(content, "m7i.json", options)


def test_the_request_names_uploaded_files_by_their_content(
    cluster_request: dict[str, Any], project: Path
) -> None:
    planned = plan(cluster_request, project)
    assert placeholders_in(planned.request) == set()
    assert planned.request["LogUri"] == f"s3://{BUCKET}/logs/"
    action = planned.request["BootstrapActions"][0]["ScriptBootstrapAction"]
    code = f"s3://{BUCKET}/sparkles/code"
    script = "#!/bin/bash\n"
    assert action["Path"] == f"{code}/{digest(script)}/install.sh"
    assert action["Args"] == [
        "--driver-archive",
        f"{code}/{digest('driver')}/sparkles-driver-1.tar.gz#sha256={digest('driver')}",
        "--executor-archive",
        f"{code}/{digest('executors')}/sparkles-executors-1.tar.gz#sha256={digest('executors')}",
    ]
    (step,) = planned.request["Steps"]
    entry_point = f"{code}/{digest('job' + chr(10))}/sparkles_job.py"
    assert step["ActionOnFailure"] == "TERMINATE_CLUSTER"
    assert step["HadoopJarStep"]["Args"] == [
        *("spark-submit", "--deploy-mode", "client", entry_point),
        *JOB,
    ]
    assert cluster_request["LogUri"] == "s3://${bucket}/logs/"  # the configuration stays as it was


def test_boto3_and_moto_accept_the_request(
    account: Any, cluster_request: dict[str, Any], project: Path
) -> None:
    said: list[str] = []
    planned, aws = plan(cluster_request, project), Aws()
    send_files(aws, planned, said.append, quiet=True)
    assert len(said) == 4
    assert all("uploaded to" in line for line in said)
    send_files(aws, planned, said.append, quiet=True)
    assert all("is already at" in line for line in said[4:])
    cluster = launch_cluster(aws, planned.request, said.append)
    found = account.client("emr").describe_cluster(ClusterId=cluster)["Cluster"]
    assert found["ReleaseLabel"] == "emr-7.14.0"
    assert {"Key": "project", "Value": "sparkles"} in found["Tags"]
    steps = account.client("emr").list_steps(ClusterId=cluster)["Steps"]
    assert [step["Name"] for step in steps] == ["sparkles train"]


def test_a_cluster_can_be_kept_alive(cluster_request: dict[str, Any], project: Path) -> None:
    planned = plan(cluster_request, project, keep_alive=30, subnet="subnet-1", name="mine", job=())
    instances = planned.request["Instances"]
    assert instances["KeepJobFlowAliveWhenNoSteps"] is True
    assert instances["Ec2SubnetIds"] == ["subnet-1"]
    assert planned.request["AutoTerminationPolicy"] == {"IdleTimeout": 1800}
    assert planned.request["Name"] == "mine"
    assert "Steps" not in planned.request
    with_job = plan(cluster_request, project, keep_alive=30)
    assert with_job.request["Steps"][0]["ActionOnFailure"] == "CANCEL_AND_WAIT"
    with pytest.raises(SettingsError, match="IdleTimeout: expected 60 to 604,800 seconds, got 0"):
        plan(cluster_request, project, keep_alive=0)


def test_weights_are_staged_and_passed_to_the_job(
    cluster_request: dict[str, Any], project: Path, tmp_path: Path
) -> None:
    weights = tmp_path / "inception.h5"
    weights.write_text("weights")
    planned = plan(cluster_request, project, weights=weights)
    arguments = planned.request["BootstrapActions"][0]["ScriptBootstrapAction"]["Args"]
    assert arguments[-2] == "--weights"
    assert arguments[-1].endswith(f"/inception.h5#sha256={digest('weights')}")
    step = planned.request["Steps"][0]["HadoopJarStep"]["Args"]
    assert step[-2:] == ["--weights", f"/mnt/models/{digest('weights')}/inception.h5"]
    assert len(planned.uploads) == 5
    with pytest.raises(SettingsError, match="weights: there is no file"):
        plan(cluster_request, project, weights=tmp_path / "absent.h5")
    cluster_request["BootstrapActions"] = []
    with pytest.raises(SettingsError, match="no bootstrap action to fetch them"):
        plan(cluster_request, project, weights=weights)


def test_a_cluster_without_a_job_is_an_error(
    cluster_request: dict[str, Any], project: Path
) -> None:
    with pytest.raises(SettingsError, match="without doing anything: add a job"):
        plan(cluster_request, project, job=())


def test_a_configuration_with_errors_is_not_planned(
    cluster_request: dict[str, Any], project: Path
) -> None:
    cluster_request["ReleaseLabel"] = "banana"
    with pytest.raises(SettingsError, match=r"^configuration m7i.json: ReleaseLabel"):
        plan(cluster_request, project)


def test_emrs_rejection_is_an_error(credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = pytest.importorskip("botocore.stub")
    aws = Aws()
    emr = aws.client("emr")
    monkeypatch.setattr(aws, "client", lambda _: emr)
    with stub.Stubber(emr) as stubber:
        message = "Specified ReleaseLabel: emr-9 is not valid."
        stubber.add_client_error("run_job_flow", "ValidationException", message, 400)
        with pytest.raises(AwsError, match="run_job_flow: ValidationException: Specified Release"):
            launch_cluster(aws, {"Name": "x", "Instances": {}}, print)


class _Interrupted:
    """An EMR that may start the cluster, but Ctrl-C comes before its answer."""

    def __init__(self, emr: Any, arrives: bool) -> None:
        self._emr, self._arrives = emr, arrives

    def run_job_flow(self, **request: Any) -> None:
        if self._arrives:
            self._emr.run_job_flow(**request)
        raise KeyboardInterrupt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emr, name)


@pytest.mark.parametrize("arrives", [True, False])
def test_interrupted_launches_leave_no_orphan(
    account: Any,
    cluster_request: dict[str, Any],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrives: bool,
) -> None:
    said: list[str] = []
    planned, aws = plan(cluster_request, project), Aws()
    other = account.client("emr").run_job_flow(**planned.request)["JobFlowId"]
    emr = _Interrupted(account.client("emr"), arrives)
    monkeypatch.setattr(aws, "client", lambda _: emr)
    with pytest.raises(KeyboardInterrupt):
        launch_cluster(aws, planned.request, said.append)
    states = {
        each["Id"]: each["Status"]["State"]
        for each in account.client("emr").list_clusters()["Clusters"]
    }
    assert not states.pop(other).startswith("TERMINAT")
    assert len(states) == arrives
    assert all(state.startswith("TERMINAT") for state in states.values())
    assert ("is being terminated" in said[-1]) is arrives
    assert ("sparkles-launch=" in said[-1]) is not arrives
