"""Interrupting a run: its jobs end before its folder is deleted, and Spark ends without traces."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

__all__ = ["cancelled_if_interrupted", "keeping_sigint", "kill_spark", "stop_spark"]

_PATIENCE = 3.0  # seconds until tasks have ended; Spark kills a Python worker after two
_POLL = 0.05


@contextmanager
def keeping_sigint() -> Iterator[None]:
    """Keep the process's handler of SIGINT while a SparkContext is made.

    The context installs one that cancels all jobs. It calls the JVM through the connection on which
    the interrupted call still waits, so that it fails, with a trace, and the job goes on.
    """
    handler = signal.getsignal(signal.SIGINT)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


@contextmanager
def cancelled_if_interrupted(spark: SparkSession) -> Iterator[None]:
    """Cancel all jobs if the block is interrupted, and wait until their tasks have ended.

    The session stays usable. A second interrupt waits until the jobs have ended. Spark's log is
    silent meanwhile, because a cancelled job would fill a screen.

    Parameters
    ----------
    spark
        The session that runs the jobs.

    Raises
    ------
    KeyboardInterrupt
        As the block did.
    """
    with _default_sigint():
        try:
            yield
        except KeyboardInterrupt:
            with _ignoring_sigint():
                _cancel(spark)
            raise


def stop_spark() -> None:
    """End Spark and its JVM silently, if this process has started one."""
    context, process = SparkContext._active_spark_context, _jvm()
    if context is not None:
        with contextlib.suppress(Exception):  # the JVM may have been killed with this process
            _mute(context)
            context.stop()
    if process is None or process.stdin is None:
        return
    with contextlib.suppress(OSError):
        process.stdin.close()  # the JVM ends with its standard input
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill_spark() -> None:
    """Kill the JVM, if this process has started one; calls that wait for it fail."""
    if process := _jvm():
        process.kill()


def _jvm() -> subprocess.Popen[bytes] | None:
    return getattr(SparkContext._gateway, "proc", None)


def _cancel(spark: SparkSession) -> None:
    try:
        with _silent(spark.sparkContext):
            spark.sparkContext.cancelAllJobs()
            _wait_for_end(spark)
    except Exception:  # noqa: BLE001 - the signal has reached the JVM as well, which is ending
        _wait_for_jvm()


def _wait_for_jvm() -> None:
    if process := _jvm():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)


def _wait_for_end(spark: Any) -> None:
    """Wait until tasks have ended, and the queries that they belong to have logged that."""
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    queries = spark._jsparkSession.sharedState().statusStore()
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        tasks = sum(executor.numRunningTasks() for executor in tracker.getExecutorInfos())
        if not tasks and not _running(queries.executionsList()):
            return
        time.sleep(_POLL)


def _running(queries: Any) -> bool:
    """Whether one of the last queries, which come in their order, has not ended."""
    count = queries.size()
    recent = (queries.apply(place) for place in range(max(0, count - 3), count))
    return any(query.completionTime().isEmpty() for query in recent)


@contextmanager
def _default_sigint() -> Iterator[None]:
    """Replace the handler of a SparkContext's, see :func:`keeping_sigint`, and silence py4j.

    py4j logs the interrupt of each call as an error, with traces.
    """
    handler = signal.getsignal(signal.SIGINT)
    of_spark = getattr(handler, "__module__", "") == "pyspark.context"
    if threading.current_thread() is not threading.main_thread() or not (
        of_spark or handler is signal.default_int_handler
    ):
        yield
        return
    disabled = logging.root.manager.disable
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        logging.disable(disabled)


def _interrupt(number: int, frame: FrameType | None) -> None:
    logging.disable(logging.CRITICAL)
    raise KeyboardInterrupt


@contextmanager
def _ignoring_sigint() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def _silent(context: Any) -> Iterator[None]:
    levels = _mute(context)
    try:
        yield
    finally:
        log4j = context._jvm.org.apache.logging.log4j
        for logger, level in levels:
            logger.setLevel(level)
        log4j.LogManager.getContext(False).updateLoggers()


def _mute(context: Any) -> list[tuple[Any, Any]]:
    """Switch every logger of the JVM off, and return their levels before."""
    log4j = context._jvm.org.apache.logging.log4j
    loggers = list(log4j.LogManager.getContext(False).getConfiguration().getLoggers().values())
    levels = [(logger, logger.getLevel()) for logger in loggers]
    for logger in loggers:
        logger.setLevel(log4j.Level.OFF)
    log4j.LogManager.getContext(False).updateLoggers()
    sys.stderr.flush()
    return levels
