"""What to report where Spark reports only that a Python worker is gone."""

from __future__ import annotations

from pathlib import Path

from pyspark import SparkContext, SparkFiles

from sparkles.spark.java_errors import CRASHED, with_java_trace
from sparkles.worker.in_flight import left_by_the_dead

__all__ = ["describe_dead_worker"]

_READER, _ENDS = "PythonRunner", ("EOFException", "SocketException")
_NAMED = 8  # photos
_REMEDY = (
    "give each worker more memory (spark.executor.memoryOverhead), or run fewer at a time "
    "(spark.executor.cores, or local[2] as the master)"
)


def describe_dead_worker(error: BaseException) -> str | None:
    """Explain an error of Spark's that means that a Python worker died in every attempt.

    Parameters
    ----------
    error
        Raised by a Spark job.

    Returns
    -------
    str or None
        The likely cause, the photos that were being decoded if the workers were on this machine,
        and the remedy; None if it means something else.

    Examples
    --------
    >>> describe_dead_worker(ValueError("no such column")) is None
    True
    """
    text = with_java_trace(error)
    cut_off = _READER in text and any(end in text for end in _ENDS)
    if CRASHED not in text and not cut_off:
        return None
    names = _in_flight()
    photos = f" while it decoded {', '.join(names[:_NAMED])}" if names else ""
    return f"a Python worker was killed, perhaps out of memory{photos}; {_REMEDY}"


def _in_flight() -> list[str]:
    if SparkContext._active_spark_context is None:
        return []
    return left_by_the_dead(Path(SparkFiles.getRootDirectory()))
