"""Follow a cluster: its state, its steps, why it failed and where its logs are."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sparkles.emr.cluster.aws import aws_errors
from sparkles.emr.cluster.polling import POLL_SECONDS, poll
from sparkles.errors import ClusterError

__all__ = ["Cluster", "Step", "read_cluster", "wait_for_cluster"]

_ENDED = ("TERMINATED", "TERMINATED_WITH_ERRORS")
_FAILED = ("FAILED", "CANCELLED", "INTERRUPTED")
_PENDING = ("PENDING", "RUNNING", "CANCEL_PENDING")
_INSTANCE = re.compile(r"\bi-[0-9a-f]+\b")
_ACTION = re.compile(r"bootstrap action (\d+)")


@dataclass(frozen=True)
class Step:
    """A step: its id, name and state, and why it failed."""

    id: str
    name: str
    state: str
    failure: str


@dataclass(frozen=True)
class Cluster:
    """A cluster as EMR describes it.

    Attributes
    ----------
    id, name, state
        Its id, name and state in EMR's words.
    reason, code
        Why it is in this state, in words and as a code.
    log_uri
        The folder of its logs, for example ``s3://bucket/logs/``; empty if it keeps none.
    steps
        Its steps, oldest first.
    minutes
        Time from the request to the end, or until now.
    """

    id: str
    name: str
    state: str
    reason: str
    code: str
    log_uri: str
    steps: tuple[Step, ...]
    minutes: float

    @property
    def has_ended(self) -> bool:
        """Whether the cluster is terminated."""
        return self.state in _ENDED

    @property
    def is_idle(self) -> bool:
        """Whether the cluster waits for steps."""
        return self.state == "WAITING" and not [s for s in self.steps if s.state in _PENDING]

    def describe(self) -> str:
        """Format the cluster and its steps as a few lines."""
        head = f"{self.id} {self.name}: {self.state}, {self.minutes:.0f} min"
        lines = [head + (f" ({self.reason})" if self.reason else "")]
        lines += [
            f"  {step.id} {step.name}: {step.state}{step.failure and f' ({step.failure})'}"
            for step in self.steps
        ]
        return "\n".join(lines)

    def logs_of_failure(self) -> str:
        """Return the URI of the log that shows the reason of a failure."""
        if not self.log_uri:
            return "lost, because the cluster was started without LogUri"
        base = f"{self.log_uri.rstrip('/')}/{self.id}"
        if self.code == "BOOTSTRAP_FAILURE":
            node, action = _INSTANCE.search(self.reason), _ACTION.search(self.reason)
            where = f"{base}/node/{node[0] if node else '<instance>'}/bootstrap-actions"
            return f"{where}/{action[1] if action else 1}/stderr.gz"
        failed = [step for step in self.steps if step.state in _FAILED]
        return f"{base}/steps/{failed[0].id}/stderr.gz" if failed else f"{base}/"


def read_cluster(emr: Any, cluster_id: str) -> Cluster:
    """Read the state of a cluster and its steps.

    Raises
    ------
    AwsError
        If there is no such cluster, or reading it is not permitted.
    """
    with aws_errors(f"cluster {cluster_id}"):
        found = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
        pages = emr.get_paginator("list_steps").paginate(ClusterId=cluster_id)
        steps = [_step(each) for page in pages for each in page["Steps"]]
    status = found["Status"]
    reason = status.get("StateChangeReason", {})
    times = status.get("Timeline", {})
    started, ended = times.get("CreationDateTime"), times.get("EndDateTime")
    now = ended or datetime.now(UTC)
    return Cluster(
        id=found["Id"],
        name=found["Name"],
        state=status["State"],
        reason=reason.get("Message", ""),
        code=reason.get("Code", ""),
        log_uri=re.sub(r"^s3[an]:", "s3:", found.get("LogUri", "")),
        steps=tuple(reversed(steps)),  # EMR lists the newest first
        minutes=(now - started).total_seconds() / 60 if started else 0.0,
    )


def _step(found: Any) -> Step:
    details = found["Status"].get("FailureDetails", {})
    reasons = [details[name] for name in ("Reason", "Message", "LogFile") if details.get(name)]
    return Step(found["Id"], found["Name"], found["Status"]["State"], "; ".join(reasons))


def wait_for_cluster(
    emr: Any,
    cluster_id: str,
    say: Callable[[str], None],
    *,
    interval: float = POLL_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Cluster:
    """Wait until a cluster has ended or is idle, however long that takes.

    Parameters
    ----------
    emr
        A boto3 client.
    cluster_id
        The cluster's id, for example ``j-1ABC``.
    say
        Receives a description after every change.
    interval, sleep
        See :func:`~sparkles.emr.cluster.polling.poll`.

    Raises
    ------
    ClusterError
        If the cluster or a step failed, with the reason and the location of the log.
    AwsError
        If EMR rejects a request, or has not answered 21 times in a row.
    """
    last = None
    for cluster in poll(lambda: read_cluster(emr, cluster_id), say, interval, sleep):
        now = (cluster.state, cluster.reason, cluster.steps)
        if now != last:
            say(cluster.describe())
            last = now
        failed = [step for step in cluster.steps if step.state in _FAILED]
        if cluster.state == "TERMINATED_WITH_ERRORS" or (
            failed and (cluster.has_ended or cluster.is_idle)
        ):
            raise ClusterError(_failure(cluster, failed))
        if cluster.has_ended or cluster.is_idle:
            return cluster
    raise AssertionError  # poll has no end


def _failure(cluster: Cluster, failed: list[Step]) -> str:
    steps = "; ".join(f"step {s.id} {s.name} {s.state}: {s.failure or 'no reason given'}"
                      for s in failed)  # fmt: skip
    reason = ": ".join(part for part in (cluster.code, cluster.reason) if part)
    problem = "; ".join(part for part in (reason, steps) if part)
    return (
        f"cluster {cluster.id} is {cluster.state}: {problem}. Its log: {cluster.logs_of_failure()} "
        f"(`sparkles emr logs {cluster.id}` shows it)"
    )
