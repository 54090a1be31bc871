"""``sparkles``: run a command, and report errors in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sparkles.cli.jobs import check_job, split_job
from sparkles.cli.next_step import next_step
from sparkles.cli.parser import parse, usage_of
from sparkles.cli.signals import Stop
from sparkles.emr.arguments import Hooks
from sparkles.errors import (
    ProblemsError,
    SparklesError,
    UserError,
    naming_missing_spark,
    problems_of,
)
from sparkles.redaction import redact
from sparkles.run_files import PilotNote
from sparkles.settings import Settings
from sparkles.settings.command import Command
from sparkles.settings.command_line import flag

__all__ = ["main"]

_DEBUG = "SPARKLES_DEBUG"
_EMR = "emr"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Without the program's name; default: ``sys.argv``.

    Returns
    -------
    int
        0 after success, 2 if the input or the arguments are wrong, 1 after any other failure
        that Sparkles knows, 130 after Ctrl-C, 143 after SIGTERM.
    """
    with Stop() as stop:
        try:
            status = _run(arguments)
        except BaseException as error:
            if stop.received is None and not isinstance(error, KeyboardInterrupt):
                raise
            return _fail(stop.end(), stop.status)  # whatever failed since failed because of it
        return stop.status if stop.received else status


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    # What follows -- is the job that `emr launch` and `emr submit` run on a cluster.
    words, job = split_job(words) if words[:1] == [_EMR] else (words, [])
    try:
        parsed = parse(words)
        command, (settings, problems) = parsed.command, parsed.draft()
    except SystemExit as stop:  # the help or the version was printed
        return int(stop.code or 0)
    except UserError as error:
        return _fail(_describe(error), 2, usage_of(words))
    if problems:
        return _fail(
            _describe(_with_others(problems, parsed.command, settings)), 2, usage_of(words)
        )
    try:
        if command.name.startswith(f"{_EMR} "):
            return int(command.load()(settings, Hooks(job, check_job, _run_pilot)))
        command.load()(settings)
        _show_next_step(settings)
    except UserError as error:
        return _fail(_describe(error), 2)
    except SparklesError as error:
        return _fail(error, 1)
    except Exception as error:
        if _DEBUG in os.environ or not type(error).__module__.startswith(("py4j", "pyspark")):
            raise  # a defect of Sparkles: the trace is needed
        return _fail(_spark_failure(error), 1)
    return 0


def _show_next_step(settings: Settings) -> None:
    # A log on a cluster is nobody's terminal.
    if getattr(settings, "quiet", True) or "PYSPARK_GATEWAY_PORT" in os.environ:
        return
    if step := next_step(settings):
        print(f"next: {redact(step)}", file=sys.stderr)  # noqa: T201


def _with_others(problems: Sequence[UserError], command: Command, settings: Settings) -> UserError:
    """Add what is wrong with the files and names of settings that cannot be used as they are."""
    if not command.name.startswith(f"{_EMR} "):
        try:
            with naming_missing_spark():
                from sparkles.workflow.before_start import find_problems  # late: it needs pyspark
            problems = [*problems, *find_problems(settings)]
        except UserError as error:
            problems = [*problems, error]
    return problems[0] if len(problems) == 1 else ProblemsError(problems)


def _describe(error: UserError) -> str:
    """Describe one problem in a line, and several in a numbered list."""
    lines = [_with_flags(each) for each in problems_of(error)]
    if len(lines) == 1:
        return lines[0]
    listed = [f"  {number}. {line}" for number, line in enumerate(lines, 1)]
    return "\n".join([f"{len(lines)} problems:", *listed])


def _with_flags(error: UserError) -> str:
    """Name the settings of an error's remedy as the command line does.

    Examples
    --------
    >>> _with_flags(UserError("seed: expected a whole number, got 'x'", settings=["seed"]))
    "--seed: expected a whole number, got 'x'"
    >>> _with_flags(UserError("out exists already", settings=["output", "overwrite"]))
    'out exists already (--output, --overwrite)'
    """
    text = str(error)
    for name in error.settings:
        if text.startswith((f"{name}:", f"{name} is missing")):
            text = flag(name) + text.removeprefix(name)
    more = [flag(name) for name in error.settings if flag(name) not in text]
    return f"{text} ({', '.join(more)})" if more else text


def _run_pilot(photos: str, network: str, precision: str) -> PilotNote:
    with naming_missing_spark():
        from sparkles.workflow.pilot import pilot  # late: it needs Spark

    return pilot(photos, network, precision)


def _spark_failure(error: Exception) -> str:
    """Reduce an error of Spark's, which may have a hundred lines, to one."""
    # Late: they need Spark, which is loaded here.
    from sparkles.spark.java_errors import cause_of
    from sparkles.workflow.dead_worker import describe_dead_worker

    if dead := describe_dead_worker(error):
        return f"the Spark job failed and nothing was written to the output: {dead}"
    return (
        f"the Spark job failed and nothing was written to the output: {cause_of(error)}. Run it "
        f"again with {_DEBUG}=1 to see the whole trace; the input is unchanged"
    )


def _fail(problem: object, status: int, usage: str = "") -> int:
    print(redact(f"sparkles: error: {problem}"), file=sys.stderr)  # noqa: T201
    if usage:
        print(usage, file=sys.stderr)  # noqa: T201
    return status
