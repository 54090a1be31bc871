"""Random choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

__all__ = ["chance", "pick"]

Choice = TypeVar("Choice")


def pick(options: Sequence[Choice], rng: Generator) -> Choice:
    """Choose one of the options with equal probability.

    Examples
    --------
    >>> import numpy as np
    >>> pick("aaa", np.random.default_rng(0))
    'a'
    """
    return options[int(rng.integers(len(options)))]


def chance(probability: float, rng: Generator) -> bool:
    """Return true with the given probability.

    Examples
    --------
    >>> import numpy as np
    >>> chance(0.0, np.random.default_rng(0)), chance(1.0, np.random.default_rng(0))
    (False, True)
    """
    return bool(rng.random() < probability)
