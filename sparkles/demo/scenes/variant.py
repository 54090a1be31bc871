"""The variants of an object: how it is drawn, and its proportions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from sparkles.demo.scenes.pen import Pen

__all__ = ["Variant"]


@dataclass(frozen=True)
class Variant:
    """One way in which an object can look.

    Attributes
    ----------
    draw
        Draws the object with a pen; a generator varies the details.
    narrowest, widest
        The range of its box's aspect ratio, width over height.
    """

    draw: Callable[[Pen, Generator], None]
    narrowest: float
    widest: float
