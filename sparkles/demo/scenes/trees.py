"""Trees: round crowns, conifers, poplars, bare branches and palms."""

from __future__ import annotations

import math

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, mix, shade, vary
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = ["TREE_VARIANTS"]

_LEAVES: tuple[Colour, ...] = (
    (58, 112, 48), (84, 138, 58), (40, 86, 46), (112, 150, 62), (70, 120, 80), (96, 116, 44),
    (62, 128, 60), (76, 124, 40), (198, 120, 40), (214, 170, 60), (226, 160, 180),
)  # fmt: skip
_BARKS: tuple[Colour, ...] = ((92, 66, 44), (70, 54, 44), (124, 100, 78), (200, 194, 184))


def _trunk(pen: Pen, rng: Generator, top: float, width: float) -> None:
    """Draw a trunk that widens towards the ground."""
    bark, lean = vary(pick(_BARKS, rng), rng), rng.uniform(-0.03, 0.03)
    half = width / 2
    pen.polygon(
        [(0.5 - half * 0.7 + lean, top), (0.5 + half * 0.7 + lean, top), (0.5 + half, 0.96),
         (0.5 + half * 1.7, 1.0), (0.5 - half * 1.7, 1.0), (0.5 - half, 0.96)],
        bark,
    )  # fmt: skip
    pen.line([(0.5 + lean, top), (0.5 + half * 0.4, 0.98)], shade(bark, 0.7), 0.012)


def _speckle(
    pen: Pen, rng: Generator, centre: tuple[float, float], reach: tuple[float, float],
    leaf: Colour, count: int,
) -> None:  # fmt: skip
    """Scatter clumps of lighter and darker leaves over a crown."""
    for _ in range(count):
        turn, far = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random())
        x = centre[0] + reach[0] * far * math.cos(turn)
        y = centre[1] + reach[1] * far * math.sin(turn)
        light = 1.0 - 0.35 * math.sin(turn) * far + rng.uniform(-0.2, 0.2)
        size = rng.uniform(0.02, 0.055)
        pen.blob(x, y, size * 1.2, size, shade(leaf, min(1.45, max(0.55, light))), rng)


def _round(pen: Pen, rng: Generator) -> None:
    """Draw a crown of many rounded clumps on a trunk."""
    leaf, low = vary(pick(_LEAVES, rng), rng), rng.uniform(0.55, 0.72)
    _trunk(pen, rng, low - 0.25, rng.uniform(0.07, 0.13))
    middle = low / 2 + 0.02
    for _ in range(9):
        turn, far = rng.uniform(0, 2 * math.pi), rng.uniform(0.3, 1.0)
        x, y = 0.5 + 0.27 * far * math.cos(turn), middle + (low / 2 - 0.16) * far * math.sin(turn)
        light = 0.95 - 0.25 * math.sin(turn) * far + rng.uniform(-0.08, 0.08)
        pen.blob(x, y, 0.23, low * 0.28, shade(leaf, light), rng)
    pen.blob(0.5, middle, 0.33, low * 0.34, shade(leaf, 0.95), rng)
    _speckle(pen, rng, (0.5, middle), (0.42, low * 0.45), leaf, int(rng.integers(20, 60)))
    if chance(0.15, rng):
        fruit = pick(((200, 30, 40), (240, 150, 30), (250, 240, 245)), rng)
        for _ in range(14):
            pen.disc(0.5 + rng.uniform(-0.3, 0.3), middle + rng.uniform(-0.2, 0.2), 0.016, fruit)


def _conifer(pen: Pen, rng: Generator) -> None:
    """Draw a fir with ragged tiers that widen downwards."""
    leaf = vary(pick(((30, 74, 52), (44, 92, 60), (58, 104, 70), (70, 100, 96)), rng), rng)
    if chance(0.15, rng):
        leaf = mix(leaf, (240, 245, 250), 0.6)
    _trunk(pen, rng, 0.7, rng.uniform(0.06, 0.1))
    tiers, low = int(rng.integers(4, 8)), rng.uniform(0.84, 0.92)
    for tier in range(tiers - 1, -1, -1):
        top, bottom = low * tier / (tiers + 0.8), low * (tier + 1.8) / (tiers + 0.8)
        half = 0.12 + 0.36 * (tier + 1) / tiers
        ragged = [(0.5, top)]
        for step in range(9):
            x = 0.5 + half - 2 * half * step / 8
            ragged.append((x, bottom + (0.028 if step % 2 else -0.01) + rng.uniform(-0.01, 0.01)))
        pen.polygon(ragged, shade(leaf, rng.uniform(0.85, 1.12)))
        pen.polygon([(0.5, top), *ragged[5:]], shade(leaf, 0.78))


def _poplar(pen: Pen, rng: Generator) -> None:
    """Draw a narrow upright crown."""
    leaf = vary(pick(_LEAVES, rng), rng)
    _trunk(pen, rng, 0.6, rng.uniform(0.1, 0.16))
    pen.blob(0.5, 0.44, 0.38, 0.43, shade(leaf, 0.9), rng)
    _speckle(pen, rng, (0.5, 0.44), (0.36, 0.42), leaf, 50)


def _branch(
    pen: Pen, rng: Generator, root: tuple[float, float], turn: float, long: float, depth: int,
    bark: Colour,
) -> None:  # fmt: skip
    """Draw a branch and, from its end, thinner ones."""
    slim = pen.height / pen.width
    tip = (root[0] + long * math.cos(turn) * slim, root[1] - long * math.sin(turn))
    pen.line([root, tip], bark, 0.012 + 0.011 * depth**1.4 / 2)
    if depth == 0:
        return
    for side in (-1, 1, 0) if chance(0.35, rng) else (-1, 1):
        bent = turn + side * rng.uniform(0.3, 0.7) + rng.uniform(-0.12, 0.12)
        _branch(pen, rng, tip, bent, long * rng.uniform(0.62, 0.84), depth - 1, bark)


def _bare(pen: Pen, rng: Generator) -> None:
    """Draw a leafless tree, sometimes with a few remaining leaves."""
    bark = shade(vary(pick(_BARKS, rng), rng), rng.uniform(0.6, 1.0))
    _branch(pen, rng, (0.5, 1.0), math.pi / 2 + rng.uniform(-0.1, 0.1), 0.27, 5, bark)
    if chance(0.3, rng):
        _speckle(pen, rng, (0.5, 0.35), (0.4, 0.28), pick(_LEAVES, rng), 24)


def _palm(pen: Pen, rng: Generator) -> None:
    """Draw a palm with a bent trunk and a fan of fronds."""
    bark, leaf = vary((140, 110, 80), rng), vary((70, 130, 60), rng, 25)
    lean = rng.uniform(-0.14, 0.14)
    head = (0.5 + lean, 0.3)
    spine = [(0.5 - lean * (1 - t) ** 2 + lean * t, 1 - 0.7 * t) for t in (0, 0.25, 0.5, 0.75, 1)]
    pen.line(spine, bark, 0.05)
    for x, y in spine:
        pen.line([(x - 0.03, y), (x + 0.03, y - 0.01)], shade(bark, 0.7), 0.012)
    for turn in [math.pi * (i / 9 * 1.5 - 0.25) + rng.uniform(-0.1, 0.1) for i in range(10)]:
        reach = rng.uniform(0.34, 0.46)
        across, up = reach * math.cos(turn), 0.24 * math.sin(turn)
        arch = (head[0] + across * 0.55, head[1] - up * 0.9 - 0.06)
        tip = (head[0] + across, head[1] - up * 0.6 + 0.12 * abs(math.cos(turn)))
        tint = shade(leaf, rng.uniform(0.75, 1.2))
        pen.polygon([head, (arch[0], arch[1] - 0.02), tip, (arch[0], arch[1] + 0.06)], tint)


TREE_VARIANTS = (
    Variant(_round, 0.7, 1.1),
    Variant(_round, 0.7, 1.1),  # listed twice, because it is the most common tree
    Variant(_conifer, 0.45, 0.75),
    Variant(_poplar, 0.3, 0.45),
    Variant(_bare, 0.75, 1.1),
    Variant(_palm, 0.7, 1.0),
)
