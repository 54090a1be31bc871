"""Waiting for a cluster, against EMR's answers, which boto3's own Stubber checks and serves."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from sparkles.emr.cluster.watch import read_cluster, wait_for_cluster
from sparkles.errors import AwsError, ClusterError

ID = "j-1ABC"
START = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
LATER = START + datetime.timedelta(minutes=42)
STEP_FAILED = {
    "State": "FAILED",
    "FailureDetails": {
        "Reason": "Unknown Error.",
        "Message": "sparkles: error: photos in S3: each of the 8 that were tried is refused",
        "LogFile": "s3://our-bucket/logs/j-1ABC/steps/s-1/stderr.gz",
    },
}


@pytest.fixture
def emr(credentials: None) -> Iterator[tuple[Any, Any]]:
    del credentials
    boto3 = pytest.importorskip("boto3")
    stub = pytest.importorskip("botocore.stub")
    # One attempt, because the Stubber serves each answer once.
    config = pytest.importorskip("botocore.config").Config(retries={"total_max_attempts": 1})
    client = boto3.client("emr", config=config)
    with stub.Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def cluster(state: str, code: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    reason = {"Code": code, "Message": message} if code else {}
    status = {
        "State": state,
        "StateChangeReason": reason,
        "Timeline": {"CreationDateTime": START, "EndDateTime": LATER},
    }
    return {"Cluster": {"Id": ID, "Name": "sparkles-m7i", "Status": status,
                        "LogUri": "s3n://our-bucket/logs/", **more}}  # fmt: skip


def steps(*statuses: Any) -> dict[str, Any]:
    found = [{"Id": f"s-{i}", "Name": "sparkles train", "Status": each}
             for i, each in enumerate(statuses, 1)]  # fmt: skip
    return {"Steps": list(reversed(found))}


def serve(stubber: Any, *looks: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for described, listed in looks:
        stubber.add_response("describe_cluster", described, {"ClusterId": ID})
        stubber.add_response("list_steps", listed, {"ClusterId": ID})


def wait(client: Any, said: list[str], slept: list[float] | None = None) -> Any:
    sleep = (slept if slept is not None else []).append
    return wait_for_cluster(client, ID, said.append, interval=30, sleep=sleep)


def test_waiting_reports_each_change_until_the_cluster_ends(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    serve(
        stubber,
        (cluster("STARTING"), steps({"State": "PENDING"})),
        (cluster("RUNNING"), steps({"State": "RUNNING"})),
        (cluster("RUNNING"), steps({"State": "RUNNING"})),
        (cluster("TERMINATED", "ALL_STEPS_COMPLETED", "Steps completed"),
         steps({"State": "COMPLETED"})),
    )  # fmt: skip
    said: list[str] = []
    ended = wait(client, said)
    assert (ended.state, ended.minutes) == ("TERMINATED", 42)
    assert len(said) == 3
    assert said[-1].splitlines() == [
        f"{ID} sparkles-m7i: TERMINATED, 42 min (Steps completed)",
        "  s-1 sparkles train: COMPLETED",
    ]


def test_waiting_lasts_longer_than_boto3s_half_hour(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    looks = 400  # at intervals of 30 seconds: over three hours; boto3's waiter stops after 60
    serve(stubber, *[(cluster("RUNNING"), steps({"State": "RUNNING"}))] * looks)
    serve(stubber, (cluster("TERMINATED"), steps({"State": "COMPLETED"})))
    slept: list[float] = []
    assert wait(client, [], slept).has_ended
    assert sum(slept) == looks * 30


def test_a_bootstrap_failure_names_its_log(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    message = (
        "On the master instance (i-0abc12), bootstrap action 1 returned a non-zero return code"
    )
    serve(
        stubber,
        (cluster("BOOTSTRAPPING"), steps({"State": "PENDING"})),
        (cluster("TERMINATED_WITH_ERRORS", "BOOTSTRAP_FAILURE", message),
         steps({"State": "CANCELLED"})),
    )  # fmt: skip
    with pytest.raises(ClusterError) as caught:
        wait(client, [])
    assert "BOOTSTRAP_FAILURE: On the master instance (i-0abc12)" in str(caught.value)
    log = "s3://our-bucket/logs/j-1ABC/node/i-0abc12/bootstrap-actions/1/stderr.gz"
    assert log in str(caught.value)


@pytest.mark.parametrize("state", ["TERMINATED_WITH_ERRORS", "WAITING"])
def test_a_failed_step_names_its_reason_and_log(emr: tuple[Any, Any], state: str) -> None:
    client, stubber = emr
    serve(stubber, (cluster(state, "STEP_FAILURE", "Shut down as step failed"),
                    steps({"State": "COMPLETED"}, STEP_FAILED)))  # fmt: skip
    with pytest.raises(ClusterError) as caught:
        wait(client, [])
    shown = str(caught.value)
    assert "step s-2 sparkles train FAILED: Unknown Error.; sparkles: error: photos in S3" in shown
    assert "Its log: s3://our-bucket/logs/j-1ABC/steps/s-2/stderr.gz" in shown


def test_a_failure_without_logs_explains_why(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    serve(stubber, (cluster("TERMINATED_WITH_ERRORS", "INTERNAL_ERROR", "", LogUri=""), steps()))
    with pytest.raises(
        ClusterError, match="Its log: lost, because the cluster was started without LogUri"
    ):
        wait(client, [])


def test_an_idle_cluster_ends_the_wait(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    serve(stubber, (cluster("WAITING"), steps({"State": "PENDING"})))
    serve(stubber, (cluster("WAITING"), steps({"State": "COMPLETED"})))
    assert wait(client, []).is_idle


def test_waiting_survives_throttling(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    serve(stubber, (cluster("RUNNING"), steps({"State": "RUNNING"})))
    for _ in range(3):
        stubber.add_client_error("describe_cluster", "ThrottlingException", "Rate exceeded", 400)
    stubber.add_client_error("describe_cluster", "InternalServerError", "", 500)
    serve(stubber, (cluster("TERMINATED"), steps({"State": "COMPLETED"})))
    said: list[str] = []
    assert wait(client, said).has_ended
    assert len([line for line in said if "asking again in 30 s" in line]) == 4


def test_endless_throttling_is_an_error(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    for _ in range(21):
        stubber.add_client_error("describe_cluster", "ThrottlingException", "Rate exceeded", 400)
    with pytest.raises(AwsError, match="ThrottlingException: Rate exceeded; AWS limits the rate"):
        wait(client, [])


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("InvalidRequestException", 400, "Cluster id 'j-1ABC' is not valid"),
        ("AccessDeniedException", 400, "lack a permission; emr/iam/launcher.json"),
        ("ExpiredTokenException", 400, "sign in again"),
    ],
)
def test_a_rejection_ends_the_wait_at_once(
    emr: tuple[Any, Any], code: str, status: int, message: str
) -> None:
    client, stubber = emr
    answer = "Cluster id 'j-1ABC' is not valid."
    stubber.add_client_error("describe_cluster", code, answer, status)
    with pytest.raises(AwsError, match=message):
        wait(client, [])


def test_steps_are_read_from_all_pages(emr: tuple[Any, Any]) -> None:
    client, stubber = emr
    stubber.add_response("describe_cluster", cluster("RUNNING"), {"ClusterId": ID})
    newest, oldest = {"Steps": steps({"State": "PENDING"})["Steps"]}, steps({"State": "RUNNING"})
    newest["Steps"][0]["Id"] = "s-2"
    stubber.add_response("list_steps", {**newest, "Marker": "m"}, {"ClusterId": ID})
    stubber.add_response("list_steps", oldest, {"ClusterId": ID, "Marker": "m"})
    assert [step.id for step in read_cluster(client, ID).steps] == ["s-1", "s-2"]
