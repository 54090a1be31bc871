"""The decoder for the Spark task that a worker is running."""

from __future__ import annotations

from contextlib import AbstractContextManager

from pyspark import SparkFiles, TaskContext

from sparkles.worker.decoder import Attempt, Decoder, decoder_for

__all__ = ["task_decoder"]


def task_decoder() -> AbstractContextManager[Decoder]:
    """Give the decoder for this attempt of the task; see :func:`.decoder_for`."""
    context = TaskContext.get()
    if context is None:
        return decoder_for(None)
    return decoder_for(Attempt(context.attemptNumber(), SparkFiles.getRootDirectory()))
