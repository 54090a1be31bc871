"""The names of stages that several commands share, as the terminal and ``run.json`` show them."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Stage"]


class Stage(StrEnum):
    """A stage of a run."""

    LOAD_MODEL = "load the model"
    LOAD_NETWORK = "load the network"
    FIND_PHOTOS = "find photos"
    JOIN = "join labels and photos"
    FEATURIZE = "featurize"
    EVALUATE = "evaluate"
