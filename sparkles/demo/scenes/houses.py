"""Houses: cottages and tall gabled houses."""

from __future__ import annotations

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, shade, vary
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = ["HOUSE_VARIANTS"]

_WALLS: tuple[Colour, ...] = (
    (236, 226, 204), (206, 150, 110), (180, 80, 60), (222, 222, 226), (150, 170, 180),
    (240, 210, 130),
)  # fmt: skip


def _pane(pen: Pen, x: float, y: float, wide: float, high: float, glass: Colour) -> None:
    """Draw a window with a white frame and its bars."""
    pen.box(x - 0.012, y - 0.015, x + wide + 0.012, y + high + 0.015, (245, 245, 240))
    pen.box(x, y, x + wide, y + high, glass)
    pen.line([(x + wide / 2, y), (x + wide / 2, y + high)], (245, 245, 240), 0.012)
    pen.line([(x, y + high / 2), (x + wide, y + high / 2)], (245, 245, 240), 0.012)


def _cottage(pen: Pen, rng: Generator) -> None:
    """Draw a house with a pitched roof, a door and windows."""
    wall, roof = vary(pick(_WALLS, rng), rng), vary(pick(((150, 60, 45), (80, 80, 90)), rng), rng)
    eave = rng.uniform(0.4, 0.5)
    if chance(0.6, rng):
        x = pick((0.2, 0.7), rng)
        pen.box(x, 0.05, x + 0.09, 0.35, shade(roof, 0.8))
    pen.box(0.08, eave, 0.92, 1.0, wall)
    ridge = pick((0.5, 0.5, 0.3), rng)
    pen.polygon([(0.0, eave + 0.03), (ridge, 0.06), (1 - ridge, 0.06), (1.0, eave + 0.03)], roof)
    for step in (0.35, 0.6, 0.85):
        y = 0.06 + (eave - 0.03) * step
        pen.line([(ridge * (1 - step), y), (1 - ridge * (1 - step), y)], shade(roof, 0.85), 0.01)
    door = rng.uniform(0.4, 0.48)
    pen.box(door, 0.68, door + 0.13, 1.0, vary((110, 60, 40), rng, 40))
    glass = pick(((120, 160, 190), (60, 70, 90), (250, 220, 130)), rng)
    for x in (0.15, 0.68):
        _pane(pen, x, 0.64, 0.16, 0.16, glass)


def _terrace(pen: Pen, rng: Generator) -> None:
    """Draw a tall gabled house with rows of windows."""
    wall, roof = vary(pick(_WALLS, rng), rng), vary((96, 70, 64), rng)
    pen.box(0.1, 0.28, 0.9, 1.0, wall)
    pen.polygon([(0.04, 0.3), (0.5, 0.0), (0.96, 0.3)], roof)
    glass = pick(((110, 150, 180), (60, 70, 90), (250, 220, 130)), rng)
    for row in range(3):
        for x in (0.2, 0.44, 0.67):
            if row < 2 or x != 0.44:
                _pane(pen, x, 0.36 + 0.21 * row, 0.14, 0.13, glass)
    pen.box(0.42, 0.76, 0.58, 1.0, vary((70, 60, 90), rng, 40))


HOUSE_VARIANTS = (Variant(_cottage, 1.1, 1.5), Variant(_terrace, 0.6, 0.85))
