"""The interpreter of Spark's Python workers: the driver's where nobody chose, else checked."""

from __future__ import annotations

import functools
import os
import socket
import sys
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from pyspark import SparkContext
from pyspark.sql import SparkSession

from sparkles.errors import DISTRIBUTION, MissingDependencyError

__all__ = ["prepare_workers"]

_CHOICE = "PYSPARK_PYTHON"
_DEFAULT = "python3"  # what pyspark runs where nobody chose: the first on the PATH
# What every worker of ours imports; the last one imports the other packages that it needs.
_NEEDED = ("pandas", "pyarrow", "sparkles.worker.featurize")
_SYMPTOMS = ("Cannot run program", "PYTHON_VERSION_MISMATCH", "Error: ")

Probe = Callable[[Iterable[int]], list[tuple[str, list[str]]]]


def prepare_workers(spark: SparkSession) -> None:
    """Let the session's Python workers run the driver's interpreter, or check the one they run.

    Where the user chose no interpreter and the workers are on this machine, they run the driver's,
    also in a session that the user started and in an environment that was not activated. Any other
    interpreter runs one tiny task, which imports what workers need, once for each session.

    Parameters
    ----------
    spark
        The session.

    Raises
    ------
    MissingDependencyError
        If the workers' interpreter does not start, or lacks a package.
    """
    context = spark.sparkContext
    master = context.master or ""
    if not _is_chosen(context) and _is_here(master):
        context.pythonExec = sys.executable
    if context.pythonExec != sys.executable or not master.startswith("local"):
        _check(context, context.pythonExec)


def _is_chosen(context: SparkContext) -> bool:
    return (
        bool(os.environ.get(_CHOICE))
        or context.pythonExec != _DEFAULT
        or context.getConf().contains("spark.pyspark.python")
    )


def _is_here(master: str) -> bool:
    """Whether workers run on this machine.

    Examples
    --------
    >>> _is_here("local[*]"), _is_here("spark://localhost:7077"), _is_here("yarn")
    (True, True, False)
    """
    names = ("localhost", "127.0.0.1", socket.gethostname())
    return master.startswith("local") or (
        master.startswith("spark://") and urlsplit(master).hostname in names
    )


@functools.lru_cache(maxsize=8)
def _check(context: SparkContext, interpreter: str) -> None:
    try:
        ((where, missing),) = context.parallelize([0], 1).mapPartitions(_probe(_NEEDED)).collect()
    except Exception as error:
        raise _refuse(f"{interpreter}, which fails: {_symptom(str(error))}") from error
    if missing:
        raise _refuse(f"{where}, which cannot import {', '.join(missing)}")


def _refuse(problem: str) -> MissingDependencyError:
    return MissingDependencyError(
        f"Spark's Python workers run {problem}. They need Python "
        f"{sys.version_info.major}.{sys.version_info.minor} with {DISTRIBUTION}: set {_CHOICE} to "
        "such an interpreter on every node before Spark starts, or ship an environment with "
        "--archives"
    )


def _probe(needed: tuple[str, ...]) -> Probe:
    # A nested function: it travels by value, to workers that may not have this package.
    def probe(rows: Iterable[int]) -> list[tuple[str, list[str]]]:
        import importlib
        import sys

        missing = []
        for name in needed:
            try:
                importlib.import_module(name)
            except ImportError as error:
                missing.append(error.name or name)
        return [(f"{sys.executable} (Python {sys.version.split()[0]})", missing)]

    return probe


def _symptom(text: str) -> str:
    r"""Reduce the text of an error of Spark's, which may have a hundred lines, to one.

    Examples
    --------
    >>> _symptom("An error occurred\njava.io.IOException: Cannot run program \"x\"\n at y")
    'java.io.IOException: Cannot run program "x"'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if any(symptom in line for symptom in _SYMPTOMS)]
    return (told or lines or ["it gives no reason"])[0][:300]
