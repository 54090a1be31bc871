"""Run the commands of ``sparkles emr``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sparkles.emr.arguments import (
    ConfigureSettings,
    EstimateSettings,
    Hooks,
    LaunchSettings,
    LogsSettings,
    SetupSettings,
    SizeSettings,
    StatusSettings,
    SubmitSettings,
    TerminateSettings,
    ValidateSettings,
    WaitSettings,
)
from sparkles.emr.cluster import serverless_job
from sparkles.emr.cluster.aws import Aws, aws_errors
from sparkles.emr.cluster.launch import (
    LaunchOptions,
    job_step,
    launch_cluster,
    plan_launch,
    send_files,
)
from sparkles.emr.cluster.logs import read_logs
from sparkles.emr.cluster.setup_account import setup_account
from sparkles.emr.cluster.upload import check_bucket, find_files, plan_upload, upload
from sparkles.emr.cluster.watch import read_cluster, wait_for_cluster
from sparkles.emr.config.configure import configure
from sparkles.emr.config.configure_serverless import configure_serverless
from sparkles.emr.config.findings import errors_of
from sparkles.emr.config.template import is_serverless, read_configuration
from sparkles.emr.config.validate import validate
from sparkles.emr.cost.catalog import find_instance, find_release
from sparkles.emr.cost.estimate import Job, compare, describe, estimate
from sparkles.emr.cost.sizing import size
from sparkles.emr.cost.throughput import Pilot
from sparkles.errors import SettingsError

__all__ = [
    "run_configure",
    "run_estimate",
    "run_launch",
    "run_logs",
    "run_setup",
    "run_size",
    "run_status",
    "run_submit",
    "run_terminate",
    "run_validate",
    "run_wait",
]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _show(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def run_validate(given: ValidateSettings, _: Hooks) -> int:
    """Check a configuration and print what was found."""
    found = validate(read_configuration(given.file))
    for finding in found:
        _show(f"{given.file}: {finding}")
    if errors := errors_of(found):
        number = "an error" if len(errors) == 1 else f"{len(errors)} errors"
        raise SettingsError(f"{given.file} has {number}, listed above; nothing was sent")
    _show(f"{given.file} is valid" + (", with the advice above" if found else ""))
    return 0


def run_size(given: SizeSettings, _: Hooks) -> int:
    """Print how executors fit nodes."""
    sizing = size(find_instance(given.instance), given.count, given.worker_mb)
    if given.json:
        _show(json.dumps(sizing.spark_properties(), indent=2))
        return 0
    _show(sizing.arithmetic())
    _show("\nspark-defaults:")
    for name, value in sizing.spark_properties().items():
        _show(f"  {name}={value}")
    return 0


def run_configure(given: ConfigureSettings, _: Hooks) -> int:
    """Print a configuration."""
    release = find_release(given.release)
    if given.serverless:
        content = configure_serverless(release, executors=given.count)
    else:
        if not given.instance:
            raise SettingsError(
                "instance is missing: give an instance type, or --serverless", settings=["instance"]
            )
        instance = find_instance(given.instance)
        sizing = size(instance, given.count, given.worker_mb)
        name = given.name or instance.name.split(".")[0]
        content = configure(name, release, sizing, find_instance(given.master))
    _show(json.dumps(content, indent=2))
    return 0


def run_estimate(given: EstimateSettings, hooks: Hooks) -> int:
    """Print the hours and dollars of a job."""
    pilot = _pilot(given, given.pilot, hooks) if given.pilot else None
    job = Job(
        images=given.images,
        network=given.model,
        precision=given.precision,
        pilot=pilot,
        spot=given.spot,
        master=given.master,
    )
    if given.instance and len(given.instance) == 1:
        found = [estimate(job, find_instance(given.instance[0]), given.count)]
    else:
        found = compare(job, given.count, given.instance or None)
    if not found:
        raise SettingsError(
            f"the rate of {given.model} in {given.precision} is not known on any instance type"
        )
    _show(describe(found))
    return 0


def _pilot(given: EstimateSettings, photos: str, hooks: Hooks) -> Pilot:
    path = Path(photos)
    if path.suffix == ".json":
        try:
            return Pilot.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"pilot: {path} cannot be read: {error}", settings=["pilot"]
            ) from error
    if given.save_pilot:
        _check_no_other_file(Path(given.save_pilot))
    measured = Pilot.from_json(hooks.run_pilot(photos, given.model, given.precision))
    _say(
        f"pilot: {measured.photos} photos in {measured.seconds:.0f} s, {measured.per_vcpu:.2f} "
        f"photos/s per vCPU ({measured.cpu}, {measured.precision}), {measured.worker_mb:,} MiB per "
        "worker"
    )
    if given.save_pilot:
        text = json.dumps(measured.to_json(), indent=2) + "\n"
        Path(given.save_pilot).write_text(text, encoding="utf-8")
    return measured


def _check_no_other_file(path: Path) -> None:
    """Refuse to replace a file that is no saved pilot, before anything is measured."""
    try:
        if path.exists():
            Pilot.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, SettingsError) as error:
        raise SettingsError(
            f"save_pilot: {path} exists and is no saved pilot; choose another file",
            settings=["save_pilot"],
        ) from error


def run_setup(given: SetupSettings, _: Hooks) -> int:
    """Create what an account needs once."""
    aws = Aws(given.region, given.profile)
    setup_account(aws, Path(given.project), given.bucket, given.subnet, given.kms_key, _say)
    return 0


def run_launch(given: LaunchSettings, hooks: Hooks) -> int:
    """Start a cluster with a job."""
    content = read_configuration(given.file)
    if hooks.job:
        hooks.check_job(hooks.job)
    aws = None if given.dry_run else Aws(given.region, given.profile)
    account = given.account
    if aws and not account and is_serverless(content):
        with aws_errors("AWS account"):
            account = aws.client("sts").get_caller_identity()["Account"]
    options = LaunchOptions(
        bucket=given.bucket,
        project=Path(given.project),
        job=tuple(hooks.job),
        keep_alive=given.keep_alive,
        subnet=given.subnet,
        name=given.name,
        weights=Path(given.weights) if given.weights else None,
        account=account,
    )
    planned = plan_launch(content, given.file, options)
    for finding in planned.advice:
        _say(str(finding))
    if aws is None:
        _show(json.dumps(planned.request, indent=2))
        _say("nothing was sent; a launch would upload " + ", ".join(u.uri for u in planned.uploads))
        return 0
    send_files(aws, planned, _say, quiet=given.quiet)
    if is_serverless(content):
        started = serverless_job.start_job(
            aws.client("emr-serverless"), planned.request, _say
        )  # fmt: skip
    else:
        started = launch_cluster(aws, planned.request, _say)
    _show(started)
    _say(
        f"started. `sparkles emr wait {started}` follows it, `sparkles emr terminate {started}` "
        "ends it"
    )
    return _follow(aws, started) if given.wait else 0


def run_submit(given: SubmitSettings, hooks: Hooks) -> int:
    """Run a job on a running cluster."""
    if not hooks.job:
        raise SettingsError("add a job after --, for example `-- train --labels s3://…`")
    hooks.check_job(hooks.job)
    aws = Aws(given.region, given.profile)
    script = find_files(Path(given.project), set(), with_job=True)["entry_point"]
    planned = plan_upload(script, given.bucket)
    step = job_step(hooks.job, planned.uri, ends_cluster=False)
    s3, emr = aws.client("s3"), aws.client("emr")
    check_bucket(s3, given.bucket, aws.region)
    cluster = read_cluster(emr, given.id)
    if cluster.has_ended or cluster.state == "TERMINATING":
        raise SettingsError(f"cluster {given.id} is {cluster.state}; launch another")
    upload(s3, planned, quiet=True)
    with aws_errors(f"step on {given.id}"):
        (step_id,) = emr.add_job_flow_steps(JobFlowId=given.id, Steps=[step])["StepIds"]
    _show(step_id)
    return _follow(aws, given.id) if given.wait else 0


def run_status(given: StatusSettings, _: Hooks) -> int:
    """Print the state of a cluster or a job run."""
    aws = Aws(given.region, given.profile)
    if "/" in given.id:
        _show(serverless_job.read_job(aws.client("emr-serverless"), given.id).describe())
    else:
        _show(read_cluster(aws.client("emr"), given.id).describe())
    return 0


def run_logs(given: LogsSettings, _: Hooks) -> int:
    """Print the ends of logs."""
    aws = Aws(given.region, given.profile)
    if "/" in given.id:
        _show(serverless_job.read_job(aws.client("emr-serverless"), given.id).logs())
        return 0
    cluster = read_cluster(aws.client("emr"), given.id)
    for line in read_logs(aws.client("s3"), cluster, given.step, given.lines):
        _show(line)
    return 0


def run_wait(given: WaitSettings, _: Hooks) -> int:
    """Follow a cluster or a job run."""
    return _follow(Aws(given.region, given.profile), given.id)


def _follow(aws: Aws, started: str) -> int:
    try:
        if "/" in started:
            client = aws.client("emr-serverless")
            serverless_job.wait_for_job(client, started, _say)
        else:
            wait_for_cluster(aws.client("emr"), started, _say)
    except KeyboardInterrupt:
        _say(
            f"\nno longer watching: {started} keeps running and costing money. `sparkles emr wait "
            f"{started}` watches again, `sparkles emr terminate {started}` ends it"
        )
        return 130
    return 0


def run_terminate(given: TerminateSettings, _: Hooks) -> int:
    """End a cluster or a job run."""
    aws = Aws(given.region, given.profile)
    if "/" in given.id:
        serverless_job.cancel_job(aws.client("emr-serverless"), given.id)
        _say(f"{given.id} was asked to end")
        return 0
    emr = aws.client("emr")
    before = read_cluster(emr, given.id)
    if before.has_ended:
        _say(f"cluster {given.id} has ended already: {before.state}")
        return 0
    with aws_errors(f"cluster {given.id}"):
        emr.terminate_job_flows(JobFlowIds=[given.id])
    after = read_cluster(emr, given.id)
    _say(f"cluster {given.id} was asked to end; its state is {after.state}")
    return 0
