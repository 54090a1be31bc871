"""The engine of the workers: OpenVINO runs what Keras defined, without Keras or TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.errors import MissingDependencyError

__all__ = ["OpenVinoEngine", "save_as_openvino"]


class OpenVinoEngine:
    """A network compiled for this CPU.

    It starts in under a second where Keras takes ten, and its weights are mapped from the file,
    so that the processes of one machine share them.

    Parameters
    ----------
    path
        The ``.xml`` file that :func:`save_as_openvino` wrote, with its ``.bin`` beside it.
    threads
        How many cores one prediction may use; default: all.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        core = _import_openvino().Core()
        options = {
            # Float32 like Keras: on CPUs with AMX OpenVINO would choose bfloat16 by itself.
            "INFERENCE_PRECISION_HINT": "f32",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads or 0,
            # Two pinned worker processes would both choose the first core, and halve the rate.
            "ENABLE_CPU_PINNING": False,
        }
        self._network = core.compile_model(str(path), "CPU", options)

    def features(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Put a batch of photos through the network.

        Parameters
        ----------
        pixels
            uint8, shape ``(n, height, width, 3)``, RGB.

        Returns
        -------
        numpy.ndarray
            float32, shape ``(n, length)``.
        """
        return np.asarray(self._network(pixels)[0], dtype=np.float32)


def save_as_openvino(network: Any, path: Path) -> None:
    """Convert a Keras model and write it as ``path`` (``.xml``), its weights beside (``.bin``)."""
    import tensorflow as tf

    openvino = _import_openvino()
    _, height, width, channels = network.input_shape
    pixels = tf.TensorSpec([None, height, width, channels], tf.uint8, name="pixels")
    graph = tf.function(lambda batch: network(batch, training=False), input_signature=[pixels])
    model = openvino.convert_model(graph)
    openvino.save_model(model, str(path), compress_to_fp16=False)


def _import_openvino() -> Any:
    try:
        import openvino
    except ImportError as error:
        raise MissingDependencyError(
            f"networks run in OpenVINO, which cannot be imported here ({error}); install it with: "
            "pip install openvino. Or choose engine='keras'"
        ) from error
    return openvino
