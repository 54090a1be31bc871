"""What an engine promises, and the choice of one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from sparkles.models.engines.keras import KerasEngine

__all__ = ["Engine", "load_engine"]


class Engine(Protocol):
    """A loaded network."""

    def features(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """uint8 ``(n, height, width, 3)``, RGB, to float32 ``(n, length)``."""
        ...


def load_engine(name: Literal["keras"], path: Path, threads: int | None = None) -> Engine:
    """Load a network into the engine that it was packed for."""
    return {"keras": KerasEngine}[name](path, threads)
