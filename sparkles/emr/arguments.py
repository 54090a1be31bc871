"""The arguments of ``sparkles emr``."""

from __future__ import annotations

import argparse
from typing import Any

from sparkles.choices import Precision

__all__ = ["add_emr", "split_job"]

_MASTER = "r5.xlarge"


def split_job(words: list[str]) -> tuple[list[str], list[str]]:
    """Divide a command line at ``--``: what is EMR's, and the job to run.

    Examples
    --------
    >>> split_job(["emr", "submit", "j-1", "--", "train", "--labels", "x"])
    (['emr', 'submit', 'j-1'], ['train', '--labels', 'x'])
    """
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def add_emr(commands: Any) -> None:
    """Add ``emr`` and its commands to a parser's commands."""
    summary = "Check, size, price, launch and watch EMR clusters."
    emr = commands.add_parser("emr", help=summary, description=summary)
    parts = emr.add_subparsers(dest="emr_command", required=True, metavar="COMMAND")
    _add_offline(parts)
    _add_launch(parts)
    _add_running(parts)


def _add(parts: Any, name: str, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(name, help=summary, description=summary)
    return parser


def _add_offline(parts: Any) -> None:
    validate = _add(parts, "validate", "Check a configuration; AWS is not asked.")
    validate.add_argument("file", metavar="FILE", help="JSON in the shape of run_job_flow")

    size = _add(parts, "size", "Fit executors to nodes, and show the arithmetic.")
    size.add_argument("--instance", metavar="TYPE", required=True, help="as r5.4xlarge")
    _add_nodes(size)
    size.add_argument("--json", action="store_true", help="print spark-defaults as JSON alone")

    configure = _add(parts, "configure", "Write a configuration for an instance type.")
    configure.add_argument("--instance", metavar="TYPE", help="as r5.4xlarge")
    _add_nodes(configure)
    configure.add_argument(
        "--release", metavar="LABEL", default="emr-7.14.0", help="EMR release (default: emr-7.14.0)"
    )
    configure.add_argument("--name", metavar="NAME", help="what the cluster is called")
    configure.add_argument(
        "--serverless", action="store_true", help="EMR Serverless, with --count executors"
    )
    _add_master(configure)

    estimate = _add(parts, "estimate", "Hours and dollars of a job, before it is launched.")
    estimate.add_argument("--images", metavar="N", type=int, required=True, help="photos")
    estimate.add_argument(
        "--instance",
        metavar="TYPE",
        action="append",
        help="a type, or several; default: compare all",
    )
    estimate.add_argument(
        "--count", metavar="N", type=int, default=3, help="nodes that run executors (default: 3)"
    )
    estimate.add_argument(
        "--spot", metavar="N", type=int, default=0, help="how many of them are Spot (default: 0)"
    )
    estimate.add_argument(
        "--model", metavar="NAME", default="InceptionV3", help="network (default: InceptionV3)"
    )
    estimate.add_argument(
        "--precision",
        choices=list(Precision),
        default=Precision.AUTO.value,
        help="what it computes in (default: auto)",
    )
    estimate.add_argument(
        "--pilot",
        metavar="PHOTOS",
        help="measure these photos on this machine first; or a saved pilot.json",
    )
    estimate.add_argument("--save-pilot", metavar="FILE", help="keep what the pilot measured")
    _add_master(estimate)


def _add_nodes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count", metavar="N", type=int, default=3, help="nodes that run executors (default: 3)"
    )
    parser.add_argument(
        "--worker-mb",
        metavar="N",
        type=int,
        help="resident MiB of a Python worker (default: InceptionV3's)",
    )


def _add_master(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--master", metavar="TYPE", default=_MASTER, help=f"the master's type (default: {_MASTER})"
    )


def _add_launch(parts: Any) -> None:
    launch = _add(
        parts,
        "launch",
        "Upload code and environment, start a cluster, and run the job that follows --.",
    )
    launch.add_argument("file", metavar="FILE", help="a configuration, as emr/m7i.json")
    _add_code(launch)
    launch.add_argument(
        "--dry-run", action="store_true", help="print the exact request; ask AWS nothing"
    )
    launch.add_argument("--wait", action="store_true", help="follow it to its end")
    launch.add_argument(
        "--keep-alive",
        metavar="MINUTES",
        type=int,
        help="keep the cluster for more jobs, until it was idle that long",
    )
    launch.add_argument("--subnet", metavar="ID", help="default: the account's default VPC")
    launch.add_argument("--name", metavar="NAME", help="instead of the configuration's")
    launch.add_argument("--weights", metavar="FILE", help="weights to stage on every node")
    launch.add_argument("--account", metavar="N", help="account number, for EMR Serverless")
    launch.add_argument("--quiet", action="store_true", help="no progress bars")
    _add_access(launch)

    setup = _add(parts, "setup", "Make the roles, disk key and encryption an account needs once.")
    _add_code(setup)
    setup.add_argument("--subnet", metavar="ID", help="default: the default VPC's subnets")
    setup.add_argument("--kms-key", metavar="ARN", help="default: one is made, a dollar a month")
    _add_access(setup)

    submit = _add(parts, "submit", "Run the job that follows -- on a running cluster.")
    submit.add_argument("id", metavar="CLUSTER", help="as j-1ABC")
    _add_code(submit)
    submit.add_argument("--wait", action="store_true", help="follow it to its end")
    _add_access(submit)


def _add_code(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bucket", metavar="NAME", required=True, help="for code, environments and logs"
    )
    parser.add_argument(
        "--project",
        metavar="DIR",
        default=".",
        help="a checkout where `make package` has run (default: here)",
    )


def _add_running(parts: Any) -> None:
    for name, summary in (
        ("status", "How a cluster and its steps are."),
        ("wait", "Follow a cluster until it has ended or is idle."),
        ("terminate", "End a cluster."),
    ):
        parser = _add(parts, name, summary)
        parser.add_argument("id", metavar="ID", help="as j-1ABC, or APPLICATION/RUN")
        _add_access(parser)
    logs = _add(parts, "logs", "The ends of a cluster's logs.")
    logs.add_argument("id", metavar="ID", help="as j-1ABC, or APPLICATION/RUN")
    logs.add_argument("--step", metavar="ID", help="one step's alone, as s-1ABC")
    logs.add_argument("--lines", metavar="N", type=int, default=50, help="of each (default: 50)")
    _add_access(logs)


def _add_access(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", metavar="NAME", help="AWS region, as us-east-1")
    parser.add_argument("--profile", metavar="NAME", help="a profile of the AWS files")
