"""Turn a configuration and a job into the exact request, and launch it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sparkles.emr.cluster.aws import Aws, aws_errors
from sparkles.emr.cluster.upload import Upload, check_bucket, find_files, plan_upload, upload
from sparkles.emr.config.findings import Finding
from sparkles.emr.config.template import JsonObject, Request, fill, is_serverless, placeholders_in
from sparkles.emr.config.validate import require_valid
from sparkles.errors import AwsError, SettingsError

__all__ = ["Launch", "LaunchOptions", "job_step", "launch_cluster", "plan_launch", "send_files"]

_MODELS = PurePosixPath("/mnt/models")  # where bootstrap/install.sh puts weights
_LAUNCH_TAG = "sparkles-launch"
_ADD_JOB = "add a job (on the command line after --), for example `train --labels s3://…`"


@dataclass(frozen=True)
class LaunchOptions:
    """The values that differ between accounts and jobs.

    Attributes
    ----------
    bucket
        The bucket for code, environments and logs.
    project
        A checkout in which ``make package`` has run.
    job
        A command and its arguments, for example ``("train", "--labels", ...)``. Empty means no
        step.
    keep_alive
        Minutes of idle time after which the cluster ends. ``None``: it ends with its job.
    subnet
        A subnet, for example ``subnet-0abc``. The default is in the account's default VPC.
    name
        Replaces the configuration's name.
    weights
        A file that the bootstrap action copies to every node; its path is passed to the job.
    account
        The account's number, for EMR Serverless.
    """

    bucket: str
    project: Path = Path()
    job: tuple[str, ...] = ()
    keep_alive: int | None = None
    subnet: str | None = None
    name: str | None = None
    weights: Path | None = None
    account: str | None = None


@dataclass(frozen=True)
class Launch:
    """The exact request, and the files that it needs.

    Attributes
    ----------
    request
        The arguments of ``run_job_flow``, or for EMR Serverless both requests by name.
    uploads
        The files that must be in the bucket first.
    advice
        The findings of validation that are not errors.
    """

    request: JsonObject
    uploads: list[Upload]
    advice: list[Finding] = field(default_factory=list)


def plan_launch(content: Request, path: str, options: LaunchOptions) -> Launch:
    """Fill in a configuration and validate it, without sending anything.

    Raises
    ------
    SettingsError
        If the configuration has errors, a file is missing, or there is nothing to do.
    """
    files = find_files(options.project, placeholders_in(content), with_job=bool(options.job))
    by_file = {file: plan_upload(file, options.bucket) for file in sorted(set(files.values()))}
    planned = {name: by_file[file] for name, file in files.items()}
    uploads = list(by_file.values())
    if options.weights:
        if not options.weights.is_file():
            raise SettingsError(f"weights: there is no file {options.weights}")
        uploads.append(plan_upload(options.weights, options.bucket))
    values = {name: _value(name, each) for name, each in planned.items()}
    values["bucket"] = options.bucket
    if options.account:
        values["account"] = options.account
    request = fill(dict(content), values)
    if is_serverless(request):
        _finish_serverless(request, options)
    else:
        _finish_cluster(request, options, planned, uploads[-1] if options.weights else None)
    advice = require_valid(request, path)
    if left := sorted(placeholders_in(request)):
        raise SettingsError(f"configuration {path}: ${{{left[0]}}} has no value")
    return Launch(request, uploads, advice)


def _value(name: str, planned: Upload) -> str:
    plain = name in ("bootstrap", "entry_point", "driver_archive_uri")
    return planned.uri if plain else planned.checked_uri


def _finish_cluster(
    request: JsonObject,
    options: LaunchOptions,
    planned: Mapping[str, Upload],
    weights: Upload | None,
) -> None:
    instances = request.setdefault("Instances", {})
    if options.name:
        request["Name"] = options.name
    if options.subnet:
        fleets = "InstanceFleets" in instances
        instances["Ec2SubnetIds" if fleets else "Ec2SubnetId"] = (
            [options.subnet] if fleets else options.subnet
        )
    if options.keep_alive is not None:
        instances["KeepJobFlowAliveWhenNoSteps"] = True
        request["AutoTerminationPolicy"] = {"IdleTimeout": 60 * options.keep_alive}
    job = options.job
    if weights:
        actions = request.get("BootstrapActions") or []
        if not actions:
            raise SettingsError("weights: the configuration has no bootstrap action to fetch them")
        actions[0]["ScriptBootstrapAction"].setdefault("Args", []).extend(
            ["--weights", weights.checked_uri]
        )
        if job and "--weights" not in job:
            job = (*job, "--weights", str(_MODELS / weights.sha256 / weights.file.name))
    if job:
        alive = instances.get("KeepJobFlowAliveWhenNoSteps", False)
        step = job_step(job, planned["entry_point"].uri, ends_cluster=not alive)
        request["Steps"] = [*request.get("Steps", []), step]
    if not request.get("Steps") and not instances.get("KeepJobFlowAliveWhenNoSteps"):
        raise SettingsError(
            f"the cluster would start and end without doing anything: {_ADD_JOB}, or keep it alive",
            settings=["keep_alive"],
        )


def _finish_serverless(request: JsonObject, options: LaunchOptions) -> None:
    for name, value in (
        ("keep_alive", options.keep_alive), ("subnet", options.subnet), ("weights", options.weights)
    ):  # fmt: skip
        if value is not None:
            raise SettingsError(
                f"{name}: expected for clusters only, not for EMR Serverless", settings=[name]
            )
    if not options.job:
        raise SettingsError(_ADD_JOB)
    start = request.get("StartJobRun", {})
    if options.name:
        start["name"] = options.name
    submit = start.get("jobDriver", {}).get("sparkSubmit", {})
    submit["entryPointArguments"] = list(options.job)


def job_step(job: Sequence[str], entry_point: str, *, ends_cluster: bool) -> JsonObject:
    """Return the EMR step that runs a Sparkles command on the master.

    Parameters
    ----------
    job
        The command and its arguments.
    entry_point
        The URI of ``jobs/sparkles_job.py``.
    ends_cluster
        Whether the cluster ends if the job fails.

    Examples
    --------
    >>> step = job_step(["train", "--help"], "s3://b/sparkles_job.py", ends_cluster=True)
    >>> step["ActionOnFailure"]
    'TERMINATE_CLUSTER'
    """
    submit = ["spark-submit", "--deploy-mode", "client", entry_point, *job]
    return {
        "Name": f"sparkles {job[0]}",
        "ActionOnFailure": "TERMINATE_CLUSTER" if ends_cluster else "CANCEL_AND_WAIT",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": submit},
    }


def send_files(aws: Aws, planned: Launch, say: Callable[[str], None], *, quiet: bool) -> None:
    """Upload the files that the request needs.

    Raises
    ------
    AwsError
        If a bucket cannot be used or an upload fails.
    """
    s3 = aws.client("s3")
    for bucket in sorted({each.bucket for each in planned.uploads}):
        check_bucket(s3, bucket, aws.region)
    for each in planned.uploads:
        sent = upload(s3, each, quiet=quiet)
        say(f"  {each.file.name}: {'uploaded to' if sent else 'is already at'} {each.uri}")


def launch_cluster(aws: Aws, request: Request, say: Callable[[str], None]) -> str:
    """Send the request to EMR.

    Returns
    -------
    str
        The cluster's id.

    Raises
    ------
    AwsError
        If EMR rejects the request; no cluster is started then.
    KeyboardInterrupt
        After terminating a cluster that was started anyway and reporting it through `say`.
    """
    emr = aws.client("emr")
    mark = {"Key": _LAUNCH_TAG, "Value": uuid.uuid4().hex}
    marked = {**request, "Tags": [*request.get("Tags", []), mark]}
    try:
        with aws_errors("run_job_flow"):
            return str(emr.run_job_flow(**marked)["JobFlowId"])
    except KeyboardInterrupt:
        say("interrupted while the request was being sent; checking whether a cluster started ...")
        tag = f"{mark['Key']}={mark['Value']}"
        try:
            orphan = _find_marked(emr, mark)
        except AwsError as error:
            say(f"EMR does not answer ({error}); look for a cluster with the tag {tag}")
            raise KeyboardInterrupt from error
        if orphan is None:
            say(f"EMR lists none; a cluster that appears later has the tag {tag}")
        else:
            emr.terminate_job_flows(JobFlowIds=[orphan])
            say(f"cluster {orphan} had started and is being terminated")
        raise


def _find_marked(emr: Any, mark: Mapping[str, str]) -> str | None:
    states = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]
    with aws_errors("list_clusters"):
        for page in emr.get_paginator("list_clusters").paginate(ClusterStates=states):
            for summary in page["Clusters"]:
                cluster = emr.describe_cluster(ClusterId=summary["Id"])["Cluster"]
                if mark in cluster.get("Tags", []):
                    return str(summary["Id"])
    return None
