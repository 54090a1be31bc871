"""Objects of house and garden: flowers, mushrooms, chairs, lamps, cups, umbrellas and clocks."""

from __future__ import annotations

import math

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, shade, vary, vivid
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = [
    "CHAIR_VARIANTS",
    "CLOCK_VARIANTS",
    "CUP_VARIANTS",
    "FLOWER_VARIANTS",
    "LAMP_VARIANTS",
    "MUSHROOM_VARIANTS",
    "UMBRELLA_VARIANTS",
]

_WOODS: tuple[Colour, ...] = ((150, 100, 60), (90, 60, 40), (210, 170, 120), (235, 235, 230))


def _flower(pen: Pen, rng: Generator) -> None:
    """Draw a flower with round petals, on a stem with leaves."""
    petal, stem = vivid(rng), vary((70, 140, 60), rng)
    count, radius = int(rng.integers(5, 12)), 0.26
    slim = pen.height / pen.width
    pen.line([(0.5, 0.34), (0.52, 0.7), (0.5, 1.0)], stem, 0.03)
    for side in (-1, 1):
        y = rng.uniform(0.68, 0.86)
        leaf = ((0.0, 0.0), (0.2, 0.14), (0.34, 0.12), (0.2, 0.02))
        corners = [(0.51 + side * a, y - b) for a, b in leaf]
        pen.polygon(corners, shade(stem, rng.uniform(0.8, 1.2)))
    start = rng.uniform(0, 1)
    for i in range(count):
        turn = 2 * math.pi * (i / count) + start
        x, y = 0.5 + 0.17 * slim * math.cos(turn), radius + 0.05 + 0.17 * math.sin(turn)
        size = 0.14 if count < 8 else 0.1
        pen.disc(x, y, size, shade(petal, 0.9 if i % 2 else 1.1))
    pen.disc(0.5, radius + 0.05, 0.1, pick(((240, 200, 50), (90, 60, 30), (250, 245, 230)), rng))


def _tulip(pen: Pen, rng: Generator) -> None:
    """Draw a tulip on a stem with two long leaves."""
    petal, stem = vivid(rng), vary((80, 150, 80), rng)
    pen.line([(0.5, 0.35), (0.5, 1.0)], stem, 0.035)
    for side in (-1, 1):
        pen.polygon([(0.5, 0.98), (0.5 + side * 0.38, 0.5), (0.5 + side * 0.12, 0.75)],
                    shade(stem, 0.9))  # fmt: skip
    pen.ellipse(0.5, 0.28, 0.3, 0.17, petal)
    pen.polygon([(0.2, 0.28), (0.18, 0.02), (0.36, 0.16), (0.5, 0.0), (0.64, 0.16), (0.82, 0.02),
                 (0.8, 0.28)], petal)  # fmt: skip
    pen.polygon([(0.36, 0.16), (0.5, 0.0), (0.64, 0.16), (0.5, 0.42)], shade(petal, 0.8))


def _mushroom(pen: Pen, rng: Generator) -> None:
    """Draw a mushroom; red ones have white dots."""
    cap = vary(pick(((200, 40, 35), (150, 100, 60), (220, 190, 150)), rng), rng)
    stalk, rim = vary((240, 230, 210), rng, 10), rng.uniform(0.45, 0.55)
    pen.polygon([(0.4, rim - 0.05), (0.6, rim - 0.05), (0.66, 1.0), (0.34, 1.0)], stalk)
    pen.ellipse(0.5, rim, 0.44, 0.09, shade(stalk, 0.8))
    turns = [math.pi * i / 16 for i in range(17)]
    high = rim - 0.02
    pen.polygon([(0.5 - 0.48 * math.cos(a), rim - high * math.sin(a)) for a in turns], cap)
    if cap[0] - cap[1] > 100 or chance(0.2, rng):
        for x, y in (
            (0.5, 0.15),
            (0.3, 0.28),
            (0.68, 0.27),
            (0.48, 0.36),
            (0.18, 0.4),
            (0.82, 0.4),
        ):
            pen.ellipse(x, y, rng.uniform(0.04, 0.07), 0.045, (250, 248, 240))


def _chair(pen: Pen, rng: Generator) -> None:
    """Draw a chair at an angle."""
    wood = vary(pick(_WOODS, rng), rng)
    seat = vivid(rng) if chance(0.5, rng) else shade(wood, 1.15)
    dark, leg = shade(wood, 0.75), rng.uniform(0.03, 0.05)
    for x, top, low in ((0.3, 0.56, 0.9), (0.86, 0.56, 0.88)):
        pen.box(x, top, x + leg * 1.6, low, dark)
    for x in (0.1, 0.22) if chance(0.5, rng) else (0.1,):
        pen.box(x, 0.02, x + leg * 1.6, 0.6, wood)
    if chance(0.5, rng):
        pen.polygon([(0.12, 0.03), (0.34, 0.0), (0.36, 0.5), (0.14, 0.56)], seat)
    else:
        for y in (0.06, 0.2, 0.34):
            pen.polygon([(0.12, y), (0.36, y - 0.03), (0.36, y + 0.05), (0.12, y + 0.08)], wood)
    pen.polygon([(0.08, 0.56), (0.36, 0.48), (0.94, 0.5), (0.78, 0.6)], seat)
    pen.polygon([(0.08, 0.56), (0.78, 0.6), (0.78, 0.66), (0.08, 0.62)], shade(seat, 0.7))
    for x in (0.1, 0.7):
        pen.box(x, 0.6, x + leg * 1.7, 0.99, wood)


def _table_lamp(pen: Pen, rng: Generator) -> None:
    """Draw a table lamp with a shade and a foot."""
    foot, top = vary(pick(((60, 60, 66), (180, 140, 80), (120, 60, 50)), rng), rng), vivid(rng)
    if chance(0.6, rng):
        top = vary((250, 230, 170), rng, 12)
    slant = rng.uniform(0.08, 0.25)
    pen.box(0.46, 0.4, 0.54, 0.95, foot)
    pen.ellipse(0.5, rng.uniform(0.68, 0.78), 0.13, 0.12, foot)
    pen.ellipse(0.5, 0.95, 0.26, 0.045, shade(foot, 0.8))
    pen.polygon([(0.06 + slant, 0.04), (0.94 - slant, 0.04), (0.96, 0.46), (0.04, 0.46)], top)
    pen.box(0.05, 0.43, 0.95, 0.47, shade(top, 0.75))


def _desk_lamp(pen: Pen, rng: Generator) -> None:
    """Draw a lamp on a jointed arm."""
    paint = vivid(rng)
    pen.ellipse(0.3, 0.95, 0.26, 0.05, shade(paint, 0.8))
    pen.line([(0.3, 0.93), (0.14, 0.52), (0.58, 0.18)], shade(paint, 0.65), 0.035)
    pen.disc(0.14, 0.52, 0.04, (60, 60, 60))
    pen.polygon([(0.5, 0.16), (0.62, 0.06), (0.99, 0.3), (0.66, 0.52)], paint)
    pen.ellipse(0.83, 0.42, 0.12, 0.08, (255, 245, 180))


def _cup(pen: Pen, rng: Generator) -> None:
    """Draw a cup of coffee with a handle, sometimes on a saucer."""
    glaze = vary(pick(((245, 245, 242), vivid(rng), vivid(rng)), rng), rng, 8)
    if chance(0.5, rng):
        pen.ellipse(0.45, 0.93, 0.45, 0.07, shade(glaze, 0.85))
    pen.ring(0.8, rng.uniform(0.46, 0.52), 0.17, shade(glaze, 0.85), 0.07)
    narrow = rng.uniform(0.0, 0.14)
    pen.polygon([(0.08, 0.22), (0.8, 0.22), (0.8 - narrow, 0.94), (0.08 + narrow, 0.94)], glaze)
    pen.ellipse(0.44, 0.22, 0.36, 0.08, shade(glaze, 0.9))
    pen.ellipse(0.44, 0.23, 0.31, 0.06, vary((80, 48, 28), rng, 12))
    if chance(0.4, rng):
        pen.polygon([(0.1, 0.5), (0.78, 0.5), (0.77, 0.66), (0.11, 0.66)], vivid(rng))
    if chance(0.4, rng):
        for x in (0.34, 0.52):
            pen.line([(x, 0.14), (x + 0.04, 0.08), (x, 0.0)], (235, 235, 235), 0.025)


def _umbrella(pen: Pen, rng: Generator) -> None:
    """Draw an open umbrella with coloured panels."""
    first, second = vivid(rng), vivid(rng)
    if chance(0.5, rng):
        second = shade(first, 0.8)
    pen.line([(0.5, 0.05), (0.5, 0.9), (0.54, 0.98), (0.61, 0.95)], (70, 55, 45), 0.03)
    edges = [0.02 + 0.96 * i / 5 for i in range(6)]
    for i in range(5):
        left, right = edges[i], edges[i + 1]
        bow_l, bow_r = (0.5 + (x - 0.5) * 0.82 for x in (left, right))
        pen.polygon([(0.5, 0.04), (bow_l, 0.2), (left, 0.5), ((left + right) / 2, 0.44),
                     (right, 0.5), (bow_r, 0.2)], first if i % 2 else second)  # fmt: skip
    pen.line([(0.5, 0.0), (0.5, 0.06)], (70, 55, 45), 0.025)


def _clock(pen: Pen, rng: Generator) -> None:
    """Draw a round clock with hands, sometimes with the bells of an alarm clock."""
    rim = pick(((40, 40, 44), (190, 150, 70), vivid(rng)), rng)
    face = vary((245, 242, 232), rng, 10)
    if chance(0.4, rng):
        for x in (0.22, 0.78):
            pen.disc(x, 0.12, 0.12, shade(rim, 0.8))
            pen.line([(x, 0.85), (x + (x - 0.5) * 0.3, 0.99)], rim, 0.05)
    pen.disc(0.5, 0.52, 0.45, rim)
    pen.disc(0.5, 0.52, 0.38, face)
    slim = pen.height / pen.width
    for hour in range(12):
        turn = math.pi * hour / 6
        way = (slim * math.cos(turn), math.sin(turn))
        pen.line([(0.5 + way[0] * 0.31, 0.52 + way[1] * 0.31),
                  (0.5 + way[0] * 0.36, 0.52 + way[1] * 0.36)], (50, 50, 50), 0.022)  # fmt: skip
    for long, width in ((0.2, 0.04), (0.3, 0.025)):
        turn = rng.uniform(0, 2 * math.pi)
        tip = (0.5 + long * slim * math.cos(turn), 0.52 + long * math.sin(turn))
        pen.line([(0.5, 0.52), tip], (30, 30, 34), width)
    pen.disc(0.5, 0.52, 0.03, rim)


FLOWER_VARIANTS = (Variant(_flower, 0.55, 0.7), Variant(_tulip, 0.4, 0.55))
MUSHROOM_VARIANTS = (Variant(_mushroom, 0.85, 1.2),)
CHAIR_VARIANTS = (Variant(_chair, 0.55, 0.75),)
LAMP_VARIANTS = (Variant(_table_lamp, 0.55, 0.8), Variant(_desk_lamp, 0.8, 1.0))
CUP_VARIANTS = (Variant(_cup, 1.0, 1.3),)
UMBRELLA_VARIANTS = (Variant(_umbrella, 0.9, 1.2),)
CLOCK_VARIANTS = (Variant(_clock, 0.92, 1.08),)
