"""The job after ``--`` that ``sparkles emr`` runs on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparkles.cli.commands import JOBS
from sparkles.cli.parser import parse
from sparkles.errors import SettingsError
from sparkles.settings import FeaturizerSettings
from sparkles.settings.base import places_of
from sparkles.settings.command_line import flag

__all__ = ["check_job", "split_job"]

_COPY_IT = "the cluster does not see it: copy it to a bucket and give its s3:// URI"


def split_job(words: list[str]) -> tuple[list[str], list[str]]:
    """Split a command line at ``--``: the arguments of ``sparkles emr``, and the job to run.

    Examples
    --------
    >>> split_job(["emr", "submit", "j-1", "--", "train", "--labels", "x"])
    (['emr', 'submit', 'j-1'], ['train', '--labels', 'x'])
    """
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def check_job(job: Sequence[str]) -> None:
    """Refuse a job that would fail at once, before a cluster is paid for.

    Raises
    ------
    SettingsError
    """
    if not job or job[0] not in JOBS:
        raise SettingsError(
            f"the job after --: expected {', '.join(JOBS)}, got {job[0] if job else 'nothing'}"
        )
    try:
        parsed = parse(job)
    except SystemExit as stop:  # --help
        raise SettingsError(f"the job after -- prints its help: {' '.join(job)}") from stop
    if parsed.config and "://" not in parsed.config:
        raise SettingsError(f"--config {parsed.config} is a path on this machine; {_COPY_IT}")
    settings = parsed.settings()
    for name, place in places_of(settings, "input", "output").items():
        if "://" not in place:
            raise SettingsError(f"{flag(name)} {place} is a path on this machine; {_COPY_IT}")
    weights = settings.weights if isinstance(settings, FeaturizerSettings) else None
    if weights and Path(weights).is_file():
        raise SettingsError(
            f"--weights {weights} is a file on this machine; put --weights before the --, and it "
            "is copied to every node"
        )
