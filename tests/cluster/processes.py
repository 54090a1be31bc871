"""Processes of a test: where they run, and that none outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["end", "interpreters", "sweep", "working_below"]


def working_below(folder: Path) -> Iterator[int]:
    """The ids of processes whose working folder is in a folder."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                yield int(entry.name)


def interpreters(folder: Path) -> set[tuple[str, str]]:
    """The Pythons that Spark runs below a folder: ``driver`` or ``worker``, and its program."""
    found = set()
    for process in working_below(folder):
        with contextlib.suppress(OSError):
            program, *words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
            if Path(program).name.startswith("python"):
                found.add(("worker" if "pyspark.daemon" in words else "driver", program))
    return found


def end(process: subprocess.Popen[str]) -> None:
    """End a process that we started, kindly first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def sweep(folder: Path) -> None:
    """End what still works below a folder: containers of a cluster that is gone."""
    for word in (signal.SIGTERM, signal.SIGKILL):
        for process in working_below(folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, word)
        for _ in range(50):
            if not any(working_below(folder)):
                return
            time.sleep(0.1)
