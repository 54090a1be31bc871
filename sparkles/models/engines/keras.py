"""The reference engine: Keras runs the network that it defined."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.choices import Precision
from sparkles.models.keras_import import import_keras

__all__ = ["KerasEngine", "save_as_keras"]


class KerasEngine:
    """A loaded network.

    Parameters
    ----------
    path
        A file that :func:`save_as_keras` wrote.
    threads
        The number of cores that one prediction may use.
    """

    precision = Precision.F32

    def __init__(self, path: Path, threads: int | None = None) -> None:
        keras = import_keras(threads)
        self._network = keras.models.load_model(path, compile=False, safe_mode=True)
        self._runner = ThreadPoolExecutor(1, thread_name_prefix="sparkles-keras")

    def start(self, pixels: npt.NDArray[np.uint8]) -> Future[npt.NDArray[np.float32]]:
        """Start to put a batch of photos through the network; see :meth:`features`."""
        return self._runner.submit(self.features, pixels)

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
        return np.asarray(self._network.predict_on_batch(pixels), dtype=np.float32)


def save_as_keras(network: Any, path: Path) -> None:
    """Write a Keras model with its weights as a ``.keras`` archive."""
    network.save(path)
