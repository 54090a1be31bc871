"""What every engine does: load a network once, then put batches of pixels through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sparkles.choices import EngineName, Precision
from sparkles.models.engines.keras import KerasEngine, save_as_keras
from sparkles.models.engines.openvino import OpenVinoEngine, save_as_openvino

__all__ = ["Engine", "Pending", "load_engine", "save_for_engine"]


class Pending(Protocol):
    """A batch that is on its way through a network."""

    def result(self) -> npt.NDArray[np.float32]:
        """Wait for the features, float32 ``(n, length)``."""
        ...

    def cancel(self) -> Any:
        """Give the batch up; nobody will ask for its features."""
        ...


class Engine(Protocol):
    """A loaded network.

    Attributes
    ----------
    precision
        What it computes in on this machine: f32, bf16 or int8.
    """

    precision: Precision

    def start(self, pixels: npt.NDArray[np.uint8]) -> Pending:
        """Begin to put uint8 ``(n, height, width, 3)``, RGB, through the network."""
        ...

    def features(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """uint8 ``(n, height, width, 3)``, RGB, to float32 ``(n, length)``."""
        ...


def save_for_engine(name: EngineName, network: Any, folder: Path) -> list[Path]:
    """Write a Keras model as the engine loads it.

    Returns
    -------
    list of Path
        The files; the first is the one to load.
    """
    if name is EngineName.KERAS:
        save_as_keras(network, folder / "network.keras")
        return [folder / "network.keras"]
    save_as_openvino(network, folder / "network.xml")
    return [folder / "network.xml", folder / "network.bin"]


def load_engine(
    name: EngineName,
    path: Path,
    threads: int | None = None,
    precision: Precision = Precision.AUTO,
) -> Engine:
    """Load a network into the engine that it was written for.

    Parameters
    ----------
    threads
        How many cores to use; default: all.
    precision
        What to compute in; ``int8`` only for a network that was quantized.

    Raises
    ------
    PrecisionError
        If this machine cannot.
    """
    if name is EngineName.KERAS:
        return KerasEngine(path, threads)
    return OpenVinoEngine(path, threads, precision)
