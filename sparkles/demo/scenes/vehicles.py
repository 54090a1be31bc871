"""Boats, aeroplanes, bicycles and balloons."""

from __future__ import annotations

import math

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import mix, shade, vary, vivid
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = ["AIRPLANE_VARIANTS", "BALLOON_VARIANTS", "BICYCLE_VARIANTS", "BOAT_VARIANTS"]


def _sailing_boat(pen: Pen, rng: Generator) -> None:
    """Draw a boat with two sails."""
    hull, sail = vivid(rng), vary((240, 238, 228), rng, 14)
    if chance(0.3, rng):
        sail = mix(sail, vivid(rng), 0.7)
    pen.box(0.49, 0.02, 0.51, 0.8, (110, 84, 60))
    pen.polygon([(0.52, 0.03), (0.52, 0.72), (0.95, 0.72)], sail)
    pen.polygon([(0.48, 0.12), (0.48, 0.72), (0.12, 0.72)], shade(sail, 0.88))
    pen.polygon([(0.02, 0.78), (0.98, 0.78), (0.84, 0.98), (0.16, 0.98)], hull)
    pen.box(0.05, 0.78, 0.95, 0.82, shade(hull, 1.5))


def _ship(pen: Pen, rng: Generator) -> None:
    """Draw a ship with a wheelhouse and a funnel."""
    hull, cabin, funnel = vivid(rng), vary((238, 238, 234), rng, 12), vivid(rng)
    pen.box(0.56, 0.04, 0.68, 0.36, funnel)
    pen.box(0.56, 0.04, 0.68, 0.11, shade(funnel, 0.4))
    pen.box(0.3, 0.3, 0.78, 0.62, cabin)
    pen.box(0.36, 0.12, 0.52, 0.32, shade(cabin, 0.92))
    for x in (0.35, 0.46, 0.57, 0.68):
        pen.disc(x, 0.46, 0.05, (70, 110, 150))
    pen.polygon([(0.0, 0.56), (1.0, 0.6), (0.9, 0.98), (0.12, 0.98)], hull)
    pen.polygon([(0.1, 0.86), (0.94, 0.86), (0.9, 0.98), (0.12, 0.98)], shade(hull, 0.55))


def _airliner(pen: Pen, rng: Generator) -> None:
    """Draw an aeroplane from the side."""
    body, tail = vary((228, 230, 234), rng, 14), vivid(rng)
    pen.polygon([(0.78, 0.42), (0.9, 0.02), (0.99, 0.02), (0.95, 0.46)], tail)
    pen.polygon([(0.45, 0.4), (0.62, 0.12), (0.7, 0.12), (0.6, 0.42)], shade(body, 0.75))
    pen.ellipse(0.13, 0.5, 0.12, 0.14, body)
    pen.polygon([(0.12, 0.36), (0.86, 0.37), (0.99, 0.43), (0.84, 0.58), (0.12, 0.64)], body)
    pen.polygon([(0.03, 0.44), (0.1, 0.4), (0.14, 0.46), (0.03, 0.48)], (50, 60, 75))
    for i in range(12):
        pen.box(0.2 + 0.048 * i, 0.44, 0.222 + 0.048 * i, 0.5, (70, 90, 120))
    pen.polygon([(0.36, 0.54), (0.54, 0.54), (0.74, 0.94), (0.66, 0.97)], shade(body, 0.8))
    pen.ellipse(0.47, 0.72, 0.06, 0.08, shade(tail, 0.8))
    pen.polygon([(0.82, 0.46), (0.92, 0.46), (0.99, 0.62), (0.94, 0.63)], shade(body, 0.75))


def _plane_above(pen: Pen, rng: Generator) -> None:
    """Draw an aeroplane from above or below."""
    body = pick(((230, 232, 236), (90, 100, 115), vivid(rng)), rng)
    wing, sweep = shade(body, 0.82), rng.uniform(0.08, 0.22)
    pen.polygon([(0.42, 0.38), (0.0, 0.42 + sweep), (0.0, 0.5 + sweep), (0.42, 0.56)], wing)
    pen.polygon([(0.58, 0.38), (1.0, 0.42 + sweep), (1.0, 0.5 + sweep), (0.58, 0.56)], wing)
    pen.polygon(
        [(0.47, 0.8), (0.3, 0.93), (0.3, 0.98), (0.7, 0.98), (0.7, 0.93), (0.53, 0.8)], wing
    )
    pen.ellipse(0.5, 0.5, 0.075, 0.49, body)
    pen.ellipse(0.5, 0.12, 0.04, 0.05, (50, 60, 75))
    for x in (0.22, 0.78):
        pen.ellipse(x, 0.45 + sweep / 2, 0.03, 0.07, shade(body, 0.6))


def _bicycle(pen: Pen, rng: Generator) -> None:
    """Draw a bicycle from the side."""
    frame, tyre = vivid(rng), (36, 36, 38)
    radius, thick = rng.uniform(0.27, 0.31), rng.uniform(0.022, 0.04)
    back, front, low = (0.22, 0.98 - radius), (0.78, 0.98 - radius), (0.46, 0.74)
    slim = pen.height / pen.width
    for x, y in (back, front):
        for spoke in range(6):
            turn = math.pi * spoke / 6 + 0.2
            dx, dy = radius * slim * math.cos(turn), radius * math.sin(turn)
            pen.line([(x - dx, y - dy), (x + dx, y + dy)], (150, 150, 152), 0.006)
        pen.ring(x, y, radius, tyre, thick)
    seat, head = (0.38, 0.3), (0.7, 0.3)
    for path in ([back, low, head, seat, low], [back, (0.4, 0.38)], [head, front]):
        pen.line(path, frame, thick * 1.1)
    pen.line([(0.68, 0.34), (0.66, 0.12), (0.76, 0.1)], tyre, thick)
    pen.line([low, (0.42, 0.26)], tyre, thick * 0.7)
    pen.ellipse(0.37, 0.24, 0.08, 0.035, tyre)
    pen.ring(*low, 0.06, (90, 90, 92), 0.02)


def _balloon(pen: Pen, rng: Generator) -> None:
    """Draw a striped hot-air balloon with a basket."""
    first, second = vivid(rng), vivid(rng)
    pen.ellipse(0.5, 0.36, 0.48, 0.36, first)
    pen.polygon([(0.06, 0.48), (0.94, 0.48), (0.6, 0.8), (0.4, 0.8)], first)
    for half in (0.34, 0.12):
        pen.ellipse(0.5, 0.36, half, 0.36, second if half > 0.2 else first)
        low = 0.5 - half * 0.25, 0.5 + half * 0.25
        pen.polygon(
            [(0.5 - half, 0.45), (0.5 + half, 0.45), (low[1], 0.8), (low[0], 0.8)],
            second if half > 0.2 else first,
        )
    for x in (0.42, 0.58):
        pen.line([(x, 0.8), (x, 0.9)], (70, 60, 50), 0.008)
    pen.box(0.41, 0.88, 0.59, 0.99, vary((130, 90, 50), rng))


def _party_balloons(pen: Pen, rng: Generator) -> None:
    """Draw three balloons on strings."""
    for x, y in ((0.3, 0.28), (0.72, 0.24), (0.5, 0.42)):
        paint = vivid(rng)
        pen.line([(x, y + 0.22), (0.5, 0.99)], (120, 120, 120), 0.008)
        pen.ellipse(x, y, 0.26, 0.23, paint)
        pen.polygon([(x - 0.05, y + 0.26), (x, y + 0.2), (x + 0.05, y + 0.26)], shade(paint, 0.8))
        pen.ellipse(x - 0.09, y - 0.08, 0.06, 0.05, shade(paint, 1.6))


BOAT_VARIANTS = (Variant(_sailing_boat, 0.85, 1.15), Variant(_ship, 1.6, 2.2))
AIRPLANE_VARIANTS = (Variant(_airliner, 2.0, 2.7), Variant(_plane_above, 0.9, 1.3))
BICYCLE_VARIANTS = (Variant(_bicycle, 1.5, 1.8),)
BALLOON_VARIANTS = (Variant(_balloon, 0.65, 0.8), Variant(_party_balloons, 0.6, 0.9))
