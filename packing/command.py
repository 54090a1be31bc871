"""Run programs that print nothing if they succeed and give an error of one line if they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from packing.errors import PackingError

__all__ = ["run_quietly"]


def run_quietly(
    command: Sequence[str | Path],
    purpose: str,
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a program.

    Parameters
    ----------
    command
        The program and its arguments.
    purpose
        The purpose, to complete "could not ...".
    folder
        The working directory. The default is the current one.
    variables
        Environment variables, in addition to those of this process.

    Raises
    ------
    PackingError
        If the program cannot be run or fails; the message has the last line that it printed.
    """
    words = [str(word) for word in command]
    environment = {**os.environ, **(variables or {})}
    try:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    except OSError as error:
        raise PackingError(f"could not {purpose}: {error}") from error
    if done.returncode:
        printed = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        last = next((line for line in reversed(printed) if line), "it printed nothing")
        raise PackingError(
            f"could not {purpose}: {Path(words[0]).name} ended with {done.returncode}: {last}"
        )
