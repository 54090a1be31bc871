"""Start, watch and cancel a job run on EMR Serverless."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sparkles.emr.cluster.aws import aws_errors
from sparkles.emr.cluster.polling import POLL_SECONDS, poll
from sparkles.emr.config.template import Request
from sparkles.errors import ClusterError

__all__ = ["JobRun", "cancel_job", "read_job", "start_job", "wait_for_job"]

_ENDED = ("SUCCESS", "FAILED", "CANCELLED")
_USABLE = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"]


@dataclass(frozen=True)
class JobRun:
    """A job run: its id as ``application/run``, its state, and EMR's details on the state."""

    id: str
    name: str
    state: str
    details: str
    log_uri: str

    @property
    def has_ended(self) -> bool:
        """Whether the run is over."""
        return self.state in _ENDED

    def describe(self) -> str:
        """Format the run as one line."""
        return f"{self.id} {self.name}: {self.state}" + (
            f" ({self.details})" if self.details else ""
        )

    def logs(self) -> str:
        """Return the URI of the driver's log."""
        application, run = _split(self.id)
        base = self.log_uri.rstrip("/") or "s3://<logUri>"
        return f"{base}/applications/{application}/jobs/{run}/SPARK_DRIVER/stderr.gz"


def start_job(serverless: Any, request: Request, say: Callable[[str], None]) -> str:
    """Start a job run in the application with this name and release, or in a new one.

    Returns
    -------
    str
        The id of the run, as ``application/run``.

    Raises
    ------
    AwsError
        If EMR rejects a request.
    """
    wanted = request["CreateApplication"]
    with aws_errors("EMR Serverless application"):
        pages = serverless.get_paginator("list_applications").paginate(states=_USABLE)
        same = [
            each["id"] for page in pages for each in page["applications"]
            if (each.get("name"), each["releaseLabel"]) == (wanted["name"], wanted["releaseLabel"])
        ]  # fmt: skip
        if same:
            application = same[0]
            say(f"application {application} with this name and release exists already")
        else:
            token = uuid.uuid4().hex
            application = serverless.create_application(**wanted, clientToken=token)[
                "applicationId"
            ]
            say(f"application {application} created; it stops when it is idle")
    with aws_errors("start_job_run"):
        run = serverless.start_job_run(
            **request["StartJobRun"], applicationId=application, clientToken=uuid.uuid4().hex
        )
    return f"{application}/{run['jobRunId']}"


def read_job(serverless: Any, job_id: str) -> JobRun:
    """Read the state of a job run.

    Raises
    ------
    AwsError
        If there is no such run, or reading it is not permitted.
    """
    application, run = _split(job_id)
    with aws_errors(f"job run {job_id}"):
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
    interval: float = POLL_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> JobRun:
    """Wait until a job run has ended.

    Raises
    ------
    ClusterError
        If it failed or was cancelled.
    AwsError
        If EMR rejects a request, or has not answered 21 times in a row.
    """
    last = ""
    for run in poll(lambda: read_job(serverless, job_id), say, interval, sleep):
        if run.describe() != last:
            last = run.describe()
            say(last)
        if run.state == "SUCCESS":
            return run
        if run.has_ended:
            raise ClusterError(
                f"job run {job_id} is {run.state}: {run.details or 'no reason given'}. Its log: "
                f"{run.logs()}"
            )
    raise AssertionError  # poll has no end


def cancel_job(serverless: Any, job_id: str) -> None:
    """Cancel a job run.

    Raises
    ------
    AwsError
        If there is no such run, or cancelling it is not permitted.
    """
    application, run = _split(job_id)
    with aws_errors(f"job run {job_id}"):
        serverless.cancel_job_run(applicationId=application, jobRunId=run)


def _split(job_id: str) -> tuple[str, str]:
    application, _, run = job_id.partition("/")
    return application, run
