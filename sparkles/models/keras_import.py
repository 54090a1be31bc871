"""Import Keras late, without its log messages, and with an error that names the remedy."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from sparkles.errors import MissingDependencyError

__all__ = ["import_keras"]


def import_keras(threads: int | None = None) -> Any:
    """Import Keras on TensorFlow.

    Parameters
    ----------
    threads
        The number of cores that TensorFlow may use within one operation, in a process that has
        not run TensorFlow yet; default: all.

    Raises
    ------
    MissingDependencyError
        If Keras or TensorFlow is not installed.
    """
    # TensorFlow reports its CPU features and absent GPUs on every start of every worker.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        what = f"Keras defines the networks and cannot be imported here ({error})"
        raise MissingDependencyError.of_extra(what, "keras") from error
    tf.get_logger().setLevel("ERROR")  # it warns of the last batch, which has a different shape
    for gpu in tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # it is in use already
            # By default the first worker would take all memory of the GPU that workers share.
            tf.config.experimental.set_memory_growth(gpu, True)
    if threads is not None:
        # If TensorFlow has run in this process already, it keeps its threads.
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
    return keras
