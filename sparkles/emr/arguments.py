"""The commands of ``sparkles emr`` with their settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparkles.choices import Precision
from sparkles.ranges import MANY, POSITIVE, between
from sparkles.run_files import PilotNote
from sparkles.settings import Settings
from sparkles.settings.command import Command
from sparkles.settings.option import setting

__all__ = [
    "EMR_COMMANDS",
    "ConfigureSettings",
    "EstimateSettings",
    "Hooks",
    "LaunchSettings",
    "LogsSettings",
    "SetupSettings",
    "SizeSettings",
    "StatusSettings",
    "SubmitSettings",
    "TerminateSettings",
    "ValidateSettings",
    "WaitSettings",
]

_NODES = 10_000  # of a cluster, more than any account may have


@dataclass(frozen=True)
class Hooks:
    """What this package needs of the rest of Sparkles.

    Attributes
    ----------
    job
        The words after ``--``: a command and its arguments.
    check_job
        Refuses a command and arguments that would fail at once.
    run_pilot
        Measures photos, network and precision on this machine.
    """

    job: Sequence[str]
    check_job: Callable[[Sequence[str]], None]
    run_pilot: Callable[[str, str, str], PilotNote]


class _Access(Settings):
    section = "AWS"

    region: str | None = setting("AWS region, for example us-east-1", default=None, metavar="NAME")
    profile: str | None = setting(
        "profile of the AWS configuration files", default=None, metavar="NAME"
    )


class _Master(Settings):
    master: str = setting("instance type of the master", default="r5.xlarge", metavar="TYPE")


class _Count(Settings):
    count: int = setting(
        "nodes that run executors", default=3, metavar="N", within=between(1, _NODES)
    )


class _Nodes(_Count):
    worker_mb: int | None = setting(
        "resident MiB of a Python worker; default: InceptionV3's",
        default=None,
        metavar="N",
        within=between(1, 1_000_000),
    )


class _Code(Settings):
    bucket: str = setting("bucket for code, environments and logs", metavar="NAME")
    project: str = setting("a checkout where `make package` has run", default=".", metavar="DIR")


class _Cluster(_Access):
    id: str = setting(
        "cluster, for example j-1ABC, or APPLICATION/RUN of EMR Serverless",
        metavar="ID",
        positional=True,
    )


class ValidateSettings(Settings):
    """Check a configuration, without a request to AWS."""

    file: str = setting(
        "JSON in the shape of a run_job_flow request", metavar="FILE", positional=True
    )


class SizeSettings(_Nodes):
    """Fit executors to nodes, and show the arithmetic."""

    instance: str = setting("instance type, for example r5.4xlarge", metavar="TYPE")
    json: bool = setting("print only spark-defaults, as JSON", default=False)


class ConfigureSettings(_Nodes, _Master):
    """Write a configuration for an instance type."""

    instance: str | None = setting(
        "instance type, for example r5.4xlarge", default=None, metavar="TYPE"
    )
    release: str = setting("EMR release", default="emr-7.14.0", metavar="LABEL")
    name: str | None = setting("name of the cluster", default=None, metavar="NAME")
    serverless: bool = setting("for EMR Serverless, with --count executors", default=False)


class EstimateSettings(_Count, _Master):
    """Estimate the hours and dollars of a job before it is launched."""

    images: int = setting("number of photos", metavar="N", within=between(1, 1_000 * MANY))
    instance: tuple[str, ...] = setting(
        "instance type; repeat the option for several; default: compare all",
        default=(),
        metavar="TYPE",
        repeated=True,
    )
    spot: int = setting(
        "how many of the nodes are Spot", default=0, metavar="N", within=between(0, _NODES)
    )
    model: str = setting("name of the network", default="InceptionV3", metavar="NAME")
    precision: Precision = setting(
        "number format that the network computes in", default=Precision.AUTO
    )
    pilot: str | None = setting(
        "photos to measure on this machine first, or a saved pilot.json",
        default=None,
        metavar="PHOTOS",
    )
    save_pilot: str | None = setting(
        "file to save the pilot's measurement to", default=None, metavar="FILE"
    )


class LaunchSettings(_Code, _Access):
    """Upload code and environment, start a cluster, and run the job that follows --."""

    file: str = setting("configuration, for example emr/m7i.json", metavar="FILE", positional=True)
    dry_run: bool = setting("print the exact request, and send nothing to AWS", default=False)
    wait: bool = setting("follow the cluster until it ends", default=False)
    keep_alive: int | None = setting(
        "keep the cluster for more jobs until it has been idle that long",
        default=None,
        metavar="MINUTES",
        within=between(1, 7 * 24 * 60),  # what EMR accepts
    )
    subnet: str | None = setting(
        "subnet; default: the account's default VPC", default=None, metavar="ID"
    )
    name: str | None = setting(
        "name of the cluster; default: the configuration's", default=None, metavar="NAME"
    )
    weights: str | None = setting(
        "file of weights to copy to every node", default=None, metavar="FILE"
    )
    account: str | None = setting(
        "account number, for EMR Serverless; default: the credentials' account",
        default=None,
        metavar="N",
    )
    quiet: bool = setting("print no progress bars", default=False)


class SetupSettings(_Code, _Access):
    """Create the roles, disk key and encryption that an account needs once."""

    subnet: str | None = setting(
        "subnet; default: the default VPC's subnets", default=None, metavar="ID"
    )
    kms_key: str | None = setting(
        "key of disks; default: create one, for a dollar a month", default=None, metavar="ARN"
    )


class SubmitSettings(_Code, _Access):
    """Run the job that follows -- on a running cluster."""

    id: str = setting("cluster, for example j-1ABC", metavar="CLUSTER", positional=True)
    wait: bool = setting("follow the cluster until it is idle", default=False)


class StatusSettings(_Cluster):
    """Show the state of a cluster and of its steps."""


class LogsSettings(_Cluster):
    """Show the ends of a cluster's logs."""

    step: str | None = setting(
        "show only this step, for example s-1ABC", default=None, metavar="ID"
    )
    lines: int = setting("lines of each log", default=50, metavar="N", within=POSITIVE)


class WaitSettings(_Cluster):
    """Follow a cluster until it has ended or is idle."""


class TerminateSettings(_Cluster):
    """End a cluster."""


def _command(name: str, settings: type[Settings], *examples: str) -> Command:
    runner = f"sparkles.emr.subcommands.run_{name}"
    return Command(
        f"emr {name}",
        settings,
        runner,
        has_config=False,
        examples=tuple(f"sparkles emr {name} {each}" for each in examples),
    )


_JOB = "-- train --config s3://bucket/train.yaml"

EMR_COMMANDS = (
    _command("validate", ValidateSettings, "emr/m7i.json", "emr/serverless.json"),
    _command("size", SizeSettings, "--instance r5.4xlarge", "--instance m7i.2xlarge --json"),
    _command(
        "configure",
        ConfigureSettings,
        "--instance m7i.4xlarge --count 5",
        "--serverless --count 10",
    ),
    _command(
        "estimate",
        EstimateSettings,
        "--images 1000000",
        "--images 1000000 --instance m7i.4xlarge --instance r5.4xlarge --spot 2",
    ),
    _command(
        "launch",
        LaunchSettings,
        f"emr/m7i.json --bucket bucket --dry-run {_JOB}",
        f"emr/m7i.json --bucket bucket --wait {_JOB}",
    ),
    _command(
        "setup",
        SetupSettings,
        "--bucket bucket",
        "--bucket bucket --region eu-west-1 --profile work",
    ),
    _command(
        "submit",
        SubmitSettings,
        f"j-1ABC --bucket bucket {_JOB}",
        f"j-1ABC --bucket bucket --wait {_JOB}",
    ),
    _command("status", StatusSettings, "j-1ABC", "application/run"),
    _command("wait", WaitSettings, "j-1ABC", "application/run"),
    _command("terminate", TerminateSettings, "j-1ABC", "application/run"),
    _command("logs", LogsSettings, "j-1ABC", "j-1ABC --step s-1ABC --lines 200"),
)
