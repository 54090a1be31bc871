"""The interface of engines: load a network once, then put batches of pixels through it."""

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
    """A batch that is going through a network."""

    def result(self) -> npt.NDArray[np.float32]:
        """Wait for the features and return them, float32 ``(n, length)``."""
        ...

    def cancel(self) -> Any:
        """Drop the batch, whose features are not needed."""
        ...


class Engine(Protocol):
    """A loaded network.

    Attributes
    ----------
    precision
        The precision that it computes in on this machine: f32, bf16 or int8.
    """

    precision: Precision

    def start(self, pixels: npt.NDArray[np.uint8]) -> Pending:
        """Start to put uint8 ``(n, height, width, 3)``, RGB, through the network."""
        ...

    def features(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Turn uint8 ``(n, height, width, 3)``, RGB, into float32 ``(n, length)``."""
        ...


def save_for_engine(name: EngineName, network: Any, folder: Path) -> list[Path]:
    """Write a Keras model in the format that an engine loads.

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
    """Load a network into the engine for which it was written.

    Parameters
    ----------
    threads
        The number of cores to use; default: all.
    precision
        The precision to compute in; ``int8`` only for a network that was quantized.

    Raises
    ------
    PrecisionError
        If this machine does not have the precision.
    """
    if name is EngineName.KERAS:
        return KerasEngine(path, threads)
    return OpenVinoEngine(path, threads, precision)
