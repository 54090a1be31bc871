"""What an engine promises, and the choice of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sparkles.columns import EngineName
from sparkles.models.engines.keras import KerasEngine, save_as_keras
from sparkles.models.engines.openvino import OpenVinoEngine, save_as_openvino

__all__ = ["Engine", "load_engine", "save_for_engine"]


class Engine(Protocol):
    """A loaded network."""

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


def load_engine(name: EngineName, path: Path, threads: int | None = None) -> Engine:
    """Load a network into the engine that it was written for."""
    if name is EngineName.KERAS:
        return KerasEngine(path, threads)
    return OpenVinoEngine(path, threads)
