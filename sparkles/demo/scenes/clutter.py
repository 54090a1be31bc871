"""Objects without a class, as clutter and barriers: posts, signs, crates, balls, rocks, fences."""

from __future__ import annotations

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, shade, vary, vivid
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = ["BARRIER_VARIANTS", "CLUTTER_VARIANTS"]

_GREYS: tuple[Colour, ...] = ((120, 120, 124), (90, 84, 76), (160, 156, 150))


def _post(pen: Pen, rng: Generator) -> None:
    """Draw a post, sometimes with red bands."""
    grey = vary(pick(_GREYS, rng), rng)
    pen.box(0.2, 0.0, 0.8, 1.0, grey)
    pen.box(0.2, 0.0, 0.4, 1.0, shade(grey, 1.3))
    if chance(0.4, rng):
        for y in (0.2, 0.5, 0.8):
            pen.box(0.2, y, 0.8, y + 0.1, (220, 60, 50))


def _sign(pen: Pen, rng: Generator) -> None:
    """Draw a traffic sign without text."""
    pen.box(0.46, 0.3, 0.54, 1.0, pick(_GREYS, rng))
    paint, edge = vivid(rng), (245, 245, 245)
    if chance(0.5, rng):
        pen.disc(0.5, 0.22, 0.22, edge)
        pen.disc(0.5, 0.22, 0.18, paint)
    else:
        pen.polygon([(0.5, 0.0), (1.0, 0.42), (0.0, 0.42)], paint)
        pen.polygon([(0.5, 0.1), (0.84, 0.38), (0.16, 0.38)], edge)


def _crate(pen: Pen, rng: Generator) -> None:
    """Draw a crate of planks."""
    wood = vary((170, 125, 80), rng, 30)
    pen.box(0.0, 0.0, 1.0, 1.0, wood)
    for y in (0.0, 0.45, 0.9):
        pen.box(0.0, y, 1.0, y + 0.1, shade(wood, 0.75))


def _ball(pen: Pen, rng: Generator) -> None:
    """Draw a ball."""
    paint = vivid(rng)
    pen.disc(0.5, 0.5, 0.5, paint)
    pen.ellipse(0.5, 0.5, 0.18, 0.5, shade(paint, 1.5))
    pen.ellipse(0.36, 0.3, 0.1, 0.08, shade(paint, 1.8))


def _rock(pen: Pen, rng: Generator) -> None:
    """Draw a boulder."""
    grey = vary(pick(_GREYS, rng), rng)
    pen.blob(0.5, 0.55, 0.48, 0.42, grey, rng)
    pen.blob(0.4, 0.42, 0.28, 0.2, shade(grey, 1.2), rng)


def _fence(pen: Pen, rng: Generator) -> None:
    """Draw a fence of slats."""
    wood = pick(((240, 238, 230), (130, 96, 66), (80, 84, 90)), rng)
    for y in (0.25, 0.7):
        pen.box(0.0, y, 1.0, y + 0.1, shade(wood, 0.8))
    count = int(rng.integers(5, 11))
    for i in range(count):
        x = i / count
        pen.polygon(
            [(x, 0.12), (x + 0.22 / count, 0.0), (x + 0.44 / count, 0.12), (x + 0.44 / count, 1.0),
             (x, 1.0)],
            wood,
        )  # fmt: skip


def _wall(pen: Pen, rng: Generator) -> None:
    """Draw a low wall of bricks."""
    brick = vary(pick(((170, 90, 70), (150, 150, 148)), rng), rng)
    pen.box(0.0, 0.0, 1.0, 1.0, shade(brick, 1.3))
    for row in range(5):
        for column in range(-1, 9):
            x, y = (column + 0.5 * (row % 2)) / 8, row / 5
            left, right = max(0.0, x), min(1.0, x + 0.115)
            if left < right:
                pen.box(left, y, right, y + 0.17, shade(brick, rng.uniform(0.85, 1.1)))


CLUTTER_VARIANTS = (
    Variant(_post, 0.04, 0.09),
    Variant(_sign, 0.35, 0.5),
    Variant(_crate, 0.8, 1.4),
    Variant(_ball, 1.0, 1.0),
    Variant(_rock, 1.1, 1.9),
)
BARRIER_VARIANTS = (
    Variant(_post, 0.06, 0.12),
    Variant(_fence, 2.0, 4.0),
    Variant(_wall, 2.0, 4.0),
    Variant(_crate, 0.8, 1.4),
    Variant(_rock, 1.1, 1.9),
)
