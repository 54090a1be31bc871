"""Cars: from the side (saloon, hatchback, van, pickup), the front, the rear and the corner."""

from __future__ import annotations

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, mix, shade, vary
from sparkles.demo.scenes.pen import Pen, Point
from sparkles.demo.scenes.variant import Variant

__all__ = ["CAR_VARIANTS"]

_PAINTS: tuple[Colour, ...] = (
    (190, 30, 35), (30, 60, 140), (225, 225, 228), (150, 155, 160), (40, 42, 48), (240, 240, 240),
    (230, 180, 40), (215, 110, 35), (95, 160, 200), (120, 85, 60), (110, 30, 60), (70, 120, 80),
    (200, 190, 160),
)  # fmt: skip
_TYRE: Colour = (28, 28, 30)
_GLASSES: tuple[Colour, ...] = ((60, 75, 90), (150, 185, 205), (35, 40, 48), (110, 135, 150))


def _wheel(pen: Pen, x: float, y: float, radius: float, rng: Generator) -> None:
    """Draw a wheel with its rim."""
    pen.disc(x, y, radius, _TYRE)
    rim = vary((175, 178, 182), rng)
    pen.disc(x, y, radius * 0.6, rim)
    pen.disc(x, y, radius * 0.22, shade(rim, 0.5))


def _window(pen: Pen, corners: list[Point], glass: Colour) -> None:
    """Draw a pane with a reflection of the sky."""
    pen.polygon(corners, glass)
    (x0, y0), (x1, y1) = corners[0], corners[1]
    far, low = corners[2], corners[3]
    streak = [
        (x1 + (far[0] - x1) * 0.2, y1), (x1 + (far[0] - x1) * 0.5, y1),
        (x0 + (low[0] - x0) * 0.4, y0), (x0 + (low[0] - x0) * 0.2, y0),
    ]  # fmt: skip
    pen.polygon(streak, mix(glass, (235, 245, 250), 0.4))


def _side(pen: Pen, rng: Generator, roof: list[Point], hull: list[Point], pillar: float) -> None:
    """Draw a car from the side: body, roof, windows, lamps, doors and wheels."""
    paint, glass = vary(pick(_PAINTS, rng), rng), pick(_GLASSES, rng)
    pen.polygon(hull, paint)
    pen.polygon(roof, shade(paint, rng.uniform(0.85, 1.1)))
    (a, waist), (b, top), (c, _), (d, _) = roof
    inset, sill = 0.05, waist - 0.01
    left = [(a + 0.05, sill), (b + 0.02, top + inset), (pillar - 0.015, top + inset)]
    _window(pen, [*left, (pillar - 0.015, sill)], glass)
    right = [(pillar + 0.015, sill), (pillar + 0.015, top + inset), (c - 0.02, top + inset)]
    _window(pen, [*right, (d - 0.05, sill)], glass)
    dark = shade(paint, 0.6)
    for x in (pillar, b - 0.04, c + 0.02):
        pen.line([(x, sill), (x, 0.78)], dark, 0.012)
    pen.box(pillar + 0.03, 0.52, pillar + 0.08, 0.55, dark)
    pen.box(0.03, 0.74, 0.97, 0.81, shade(paint, rng.uniform(0.35, 0.8)))
    pen.box(0.01, 0.52, 0.05, 0.60, (250, 235, 180))
    pen.box(0.955, 0.50, 0.985, 0.60, (200, 30, 30))
    radius = rng.uniform(0.155, 0.2)
    for x in (rng.uniform(0.18, 0.22), rng.uniform(0.77, 0.82)):
        pen.disc(x, 0.81, radius * 1.15, shade(paint, 0.3))
        _wheel(pen, x, 0.99 - radius, radius, rng)


def _saloon(pen: Pen, rng: Generator) -> None:
    """Draw a saloon: bonnet, cabin and boot."""
    waist, top = rng.uniform(0.42, 0.48), rng.uniform(0.1, 0.2)
    front, back = rng.uniform(0.22, 0.3), rng.uniform(0.78, 0.86)
    roof = [(front, waist), (front + 0.13, top), (back - 0.15, top), (back, waist)]
    hull = [(0.01, 0.58), (0.05, 0.5), (front, waist), (back, waist), (0.97, 0.46), (0.99, 0.8),
            (0.01, 0.82)]  # fmt: skip
    _side(pen, rng, roof, hull, (front + back) / 2)


def _hatchback(pen: Pen, rng: Generator) -> None:
    """Draw a hatchback: a short car with an upright tail."""
    waist, top = rng.uniform(0.42, 0.48), rng.uniform(0.02, 0.1)
    front = rng.uniform(0.18, 0.28)
    roof = [(front, waist), (front + 0.15, top), (0.86, top + 0.03), (0.96, waist)]
    hull = [(0.01, 0.6), (0.05, 0.52), (front, waist), (0.96, waist), (0.99, 0.6), (0.99, 0.81),
            (0.01, 0.82)]  # fmt: skip
    _side(pen, rng, roof, hull, 0.58)


def _van(pen: Pen, rng: Generator) -> None:
    """Draw a van."""
    top = rng.uniform(0.0, 0.06)
    roof = [(0.08, 0.42), (0.2, top), (0.93, top), (0.97, 0.42)]
    hull = [(0.01, 0.66), (0.03, 0.5), (0.08, 0.42), (0.97, 0.42), (0.99, 0.8), (0.01, 0.82)]
    _side(pen, rng, roof, hull, rng.uniform(0.36, 0.56))


def _pickup(pen: Pen, rng: Generator) -> None:
    """Draw a pickup with a cab and an open bed, sometimes loaded."""
    top, waist = rng.uniform(0.04, 0.14), 0.44
    if chance(0.35, rng):
        pen.box(0.66, rng.uniform(0.2, 0.36), 0.92, 0.5, vary((150, 110, 70), rng, 40))
    roof = [(0.2, waist), (0.3, top), (0.56, top), (0.62, waist)]
    hull = [(0.01, 0.6), (0.04, 0.5), (0.2, waist), (0.98, waist), (0.99, 0.8), (0.01, 0.82)]
    _side(pen, rng, roof, hull, 0.43)


def _end(pen: Pen, rng: Generator, *, rear: bool) -> None:
    """Draw a car from the front or the rear."""
    paint, glass = vary(pick(_PAINTS, rng), rng), pick(_GLASSES, rng)
    top, waist = rng.uniform(0.02, 0.1), rng.uniform(0.4, 0.46)
    for x in (0.08, 0.78):
        pen.box(x, 0.75, x + 0.14, 0.99, _TYRE)
    pen.polygon([(0.12, waist), (0.24, top), (0.76, top), (0.88, waist)], shade(paint, 0.92))
    _window(
        pen,
        [(0.19, waist - 0.02), (0.28, top + 0.06), (0.72, top + 0.06), (0.81, waist - 0.02)],
        glass,
    )
    pen.polygon(
        [(0.1, waist), (0.9, waist), (0.97, 0.58), (0.97, 0.86), (0.03, 0.86), (0.03, 0.58)],
        paint,
    )
    for x in (0.03, 0.97):
        pen.ellipse(x, waist - 0.02, 0.05, 0.045, shade(paint, 0.8))
    lamp: Colour = (205, 25, 30) if rear else (250, 242, 205)
    for x in (0.15, 0.85):
        pen.ellipse(x, 0.61, rng.uniform(0.07, 0.09), 0.06, shade(paint, 0.4))
        pen.ellipse(x, 0.61, 0.065, 0.045, lamp)
    grille = shade(paint, 0.75) if rear else (35, 35, 38)
    pen.box(0.3, 0.56, 0.7, 0.68, grille)
    pen.box(0.03, 0.76, 0.97, 0.84, shade(paint, rng.uniform(0.4, 0.8)))
    pen.box(0.4, 0.72, 0.6, 0.8, (235, 235, 225))


def _front(pen: Pen, rng: Generator) -> None:
    """Draw a car from the front."""
    _end(pen, rng, rear=False)


def _rear(pen: Pen, rng: Generator) -> None:
    """Draw a car from the rear."""
    _end(pen, rng, rear=True)


def _corner(pen: Pen, rng: Generator) -> None:
    """Draw a car from its front corner, with a narrow front and a long side."""
    paint, glass = vary(pick(_PAINTS, rng), rng), pick(_GLASSES, rng)
    face, flank = shade(paint, 1.08), shade(paint, 0.82)
    edge, top = rng.uniform(0.3, 0.4), rng.uniform(0.04, 0.12)
    pen.ellipse(0.08, 0.86, 0.045, 0.12, _TYRE)
    pen.polygon([(0.02, 0.5), (edge, 0.54), (edge, 0.92), (0.02, 0.85)], face)
    pen.polygon([(edge, 0.54), (0.98, 0.42), (0.98, 0.74), (edge, 0.92)], flank)
    pen.polygon([(0.02, 0.5), (0.26, 0.42), (0.6, 0.44), (edge, 0.54)], shade(paint, 1.2))
    pen.polygon([(0.24, 0.43), (0.36, top), (0.9, top), (0.97, 0.43), (0.56, 0.5)], face)
    _window(pen, [(0.27, 0.43), (0.37, top + 0.04), (0.58, top + 0.05), (0.55, 0.47)], glass)
    _window(pen, [(0.59, 0.47), (0.62, top + 0.05), (0.87, top + 0.04), (0.93, 0.42)], glass)
    pen.line([(0.76, top + 0.05), (0.77, 0.78)], shade(flank, 0.6), 0.02)
    pen.polygon([(0.1, 0.62), (edge - 0.08, 0.65), (edge - 0.08, 0.75), (0.1, 0.71)], (30, 30, 33))
    for x, y in ((0.06, 0.6), (edge - 0.05, 0.66)):
        pen.ellipse(x, y, 0.035, 0.055, (250, 242, 205))
    for x, y, size in ((edge + 0.12, 0.84, 0.15), (0.87, 0.7, 0.12)):
        pen.ellipse(x, y, size * 0.42, size, _TYRE)
        pen.ellipse(x, y, size * 0.25, size * 0.6, (170, 172, 176))


CAR_VARIANTS = (
    Variant(_saloon, 2.2, 2.9),
    Variant(_hatchback, 1.7, 2.2),
    Variant(_van, 1.6, 2.1),
    Variant(_pickup, 2.0, 2.6),
    Variant(_front, 1.05, 1.35),
    Variant(_rear, 1.05, 1.35),
    Variant(_corner, 1.6, 2.1),
)
