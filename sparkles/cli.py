"""The command line: settings from arguments and a config file, errors as one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from sparkles.emr.arguments import add_emr, split_job
from sparkles.errors import SettingsError, SparklesError, UserError
from sparkles.settings import (
    DemoSettings,
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    ReportSettings,
    Settings,
    TrainSettings,
    flag,
    options_of,
    places_of,
    read_config,
)
from sparkles.version import __version__

__all__ = ["main"]

_DEBUG = "SPARKLES_DEBUG"

_COMMANDS: dict[str, type[Settings]] = {
    "train": TrainSettings,
    "predict": PredictSettings,
    "evaluate": EvaluateSettings,
    "featurize": FeaturizeSettings,
    "prepare": PrepareSettings,
    "explore": ExploreSettings,
    "explain": ExplainSettings,
    "report": ReportSettings,
    "demo": DemoSettings,
}
_EMR = "emr"
_JOBS = [name for name in _COMMANDS if name != "demo"]
_COPY_IT = "the cluster does not see it: copy it to a bucket and say s3://…"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Without the program's name; default: ``sys.argv``.

    Returns
    -------
    int
        0 where it worked, 2 where the input or the arguments are wrong, 1 for any other failure
        that Sparkles knows, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # What follows -- is the job that `emr launch` and `emr submit` put on a cluster.
    words, job = split_job(words) if words[:1] == [_EMR] else (words, [])
    try:
        given = _parser().parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        if given.command == _EMR:
            given.job = job
            return _run_emr(given)
        _runner(given.command)(_settings(given))
    except UserError as error:
        return _fail(error, 2)
    except SparklesError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return _fail("stopped; nothing was written to the output", 130)
    except Exception as error:
        if _DEBUG in os.environ or not type(error).__module__.startswith(("py4j", "pyspark")):
            raise  # a defect of ours: the trace is what helps
        return _fail(_spark_failure(error), 1)
    return 0


def _settings(given: argparse.Namespace) -> Settings:
    values = vars(given).copy()
    command, config = values.pop("command"), values.pop("config")
    return _COMMANDS[command].create({**(read_config(config) if config else {}), **values})


def _run_emr(given: argparse.Namespace) -> int:
    from sparkles.emr.subcommands import Hooks, run  # late: it needs boto3

    return run(given.emr_command, given, Hooks(_check_job, _run_pilot))


def _check_job(job: Sequence[str]) -> None:
    """Refuse a job that would fail at once, before a cluster is paid for.

    Raises
    ------
    SettingsError
    """
    try:
        given = _parser().parse_args(list(job))
    except SystemExit as stop:
        raise SettingsError(f"the job after -- has wrong arguments: {' '.join(job)}") from stop
    if given.command not in _COMMANDS or given.command == "demo":
        raise SettingsError(f"the job after --: expected {', '.join(_JOBS)}, got {given.command}")
    if given.config and "://" not in given.config:
        raise SettingsError(f"--config {given.config} is a path on this machine; {_COPY_IT}")
    settings = _settings(given)
    for name, place in places_of(settings, "input", "output").items():
        if "://" not in place:
            raise SettingsError(f"{flag(name)} {place} is a path on this machine; {_COPY_IT}")
    weights = getattr(settings, "weights", None)
    if weights and Path(weights).is_file():
        raise SettingsError(
            f"--weights {weights} is a file on this machine; say --weights before the --, and it "
            "is put on every node"
        )


def _run_pilot(photos: str, network: str, precision: str) -> dict[str, Any]:
    from sparkles import workflow

    return workflow.pilot(photos, network, precision)


def _spark_failure(error: Exception) -> str:
    """Say in one line what Spark says in a hundred."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:") or "Error: " in line]
    reason = (causes[-1] if causes else lines[0] if lines else type(error).__name__)[:500]
    return (
        f"the Spark job failed and nothing was written to the output: {reason}. Run it again with "
        f"{_DEBUG}=1 for the whole trace; what was read is unchanged"
    )


def _fail(problem: object, status: int) -> int:
    print(f"sparkles: error: {problem}", file=sys.stderr)  # noqa: T201
    return status


def _runner(command: str) -> Callable[[Any], Any]:
    # Late: `sparkles --help` needs neither Spark nor Keras.
    from sparkles import commands

    runners: dict[str, Callable[[Any], Any]] = {
        "train": commands.train,
        "predict": commands.predict,
        "evaluate": commands.evaluate,
        "featurize": commands.featurize,
        "prepare": commands.prepare,
        "explore": commands.explore,
        "explain": commands.explain,
        "report": commands.report,
        "demo": commands.demo,
    }
    return runners[command]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sparkles",
        description="Image classifiers by transfer learning on Apache Spark.",
    )
    parser.add_argument("--version", action="version", version=f"sparkles {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, settings in _COMMANDS.items():
        summary = (settings.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument(
            "--config", metavar="FILE", help="YAML or JSON file of these settings; arguments win"
        )
        for option, kind in options_of(settings):
            _add_option(command, option, kind)
    add_emr(commands)
    return parser


def _add_option(parser: argparse.ArgumentParser, option: Any, kind: Any) -> None:
    notes = option.metadata
    how: dict[str, Any] = {"default": argparse.SUPPRESS, "help": notes["help"]}
    if kind is bool:
        how["action"] = "store_true"
    else:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            how["metavar"] = "{" + ",".join(kind) + "}"
        else:
            how["metavar"] = notes["metavar"]
        how["help"] += _remark(option)
    parser.add_argument(flag(option.name), **how)


def _remark(option: Any) -> str:
    if option.metadata["required"]:
        return " (required)"
    return f" (default: {option.default})" if option.default not in (None, ()) else ""


if __name__ == "__main__":
    sys.exit(main())
