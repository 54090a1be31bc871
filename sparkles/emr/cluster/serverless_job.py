"""A job run on EMR Serverless: started, watched, cancelled."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sparkles.emr.cluster.aws import clear_errors
from sparkles.emr.cluster.polling import POLL_SECONDS, look_again
from sparkles.errors import ClusterError

__all__ = ["JobRun", "cancel_job", "read_job", "start_job", "wait_for_job"]

_ENDED = ("SUCCESS", "FAILED", "CANCELLED")
_USABLE = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"]


@dataclass(frozen=True)
class JobRun:
    """A job run: its id as ``application/run``, its state, and EMR's words on it."""

    id: str
    name: str
    state: str
    details: str
    log_uri: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.state in _ENDED

    def describe(self) -> str:
        """A line for people."""
        return f"{self.id} {self.name}: {self.state}" + (
            f" ({self.details})" if self.details else ""
        )

    def logs(self) -> str:
        """Where the driver's log goes."""
        application, _, run = self.id.partition("/")
        base = self.log_uri.rstrip("/") or "s3://<logUri>"
        return f"{base}/applications/{application}/jobs/{run}/SPARK_DRIVER/stderr.gz"


def start_job(serverless: Any, request: Mapping[str, Any], say: Callable[[str], None]) -> str:
    """Start a job run, in the application of this name and release or a new one.

    Returns
    -------
    str
        ``application/run``.

    Raises
    ------
    AwsError
    """
    wanted = request["CreateApplication"]
    with clear_errors("EMR Serverless application"):
        pages = serverless.get_paginator("list_applications").paginate(states=_USABLE)
        same = [
            each["id"] for page in pages for each in page["applications"]
            if (each.get("name"), each["releaseLabel"]) == (wanted["name"], wanted["releaseLabel"])
        ]  # fmt: skip
        if same:
            application = same[0]
            say(f"application {application} of that name and release is there already")
        else:
            token = uuid.uuid4().hex
            application = serverless.create_application(**wanted, clientToken=token)[
                "applicationId"
            ]
            say(f"application {application} created; it stops by itself when idle")
    with clear_errors("start_job_run"):
        run = serverless.start_job_run(
            **request["StartJobRun"], applicationId=application, clientToken=uuid.uuid4().hex
        )
    return f"{application}/{run['jobRunId']}"


def read_job(serverless: Any, job_id: str) -> JobRun:
    """Ask for a job run.

    Raises
    ------
    AwsError
    """
    application, _, run = job_id.partition("/")
    with clear_errors(f"job run {job_id}"):
        found = serverless.get_job_run(applicationId=application, jobRunId=run)["jobRun"]
    monitoring = found.get("configurationOverrides", {}).get("monitoringConfiguration", {})
    return JobRun(
        id=job_id,
        name=found.get("name", ""),
        state=found["state"],
        details=found.get("stateDetails", ""),
        log_uri=monitoring.get("s3MonitoringConfiguration", {}).get("logUri", ""),
    )


def wait_for_job(
    serverless: Any,
    job_id: str,
    say: Callable[[str], None],
    *,
    poll: float = POLL_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> JobRun:
    """Wait until a job run has ended.

    Raises
    ------
    ClusterError
        If it failed or was cancelled.
    AwsError
    """
    told = ""
    for run in look_again(lambda: read_job(serverless, job_id), say, poll, sleep):
        if run.describe() != told:
            told = run.describe()
            say(told)
        if run.state == "SUCCESS":
            return run
        if run.has_ended:
            raise ClusterError(
                f"job run {job_id} is {run.state}: {run.details or 'no reason given'}. Its log: "
                f"{run.logs()}"
            )
    raise AssertionError  # look_again has no end


def cancel_job(serverless: Any, job_id: str) -> None:
    """Tell a job run to end.

    Raises
    ------
    AwsError
    """
    application, _, run = job_id.partition("/")
    with clear_errors(f"job run {job_id}"):
        serverless.cancel_job_run(applicationId=application, jobRunId=run)
