"""People and animals: people, birds, fish and cats."""

from __future__ import annotations

from numpy.random import Generator

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, mix, shade, vary, vivid
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant

__all__ = ["BIRD_VARIANTS", "CAT_VARIANTS", "FISH_VARIANTS", "PERSON_VARIANTS"]

_SKINS: tuple[Colour, ...] = ((245, 210, 180), (225, 175, 135), (160, 110, 75), (95, 62, 44))
_HAIRS: tuple[Colour, ...] = ((40, 28, 22), (110, 70, 35), (220, 180, 100), (170, 170, 170))
_FURS: tuple[Colour, ...] = ((60, 58, 60), (210, 140, 70), (150, 150, 155), (240, 236, 228))


def _face(pen: Pen, x: float, y: float, radius: float, rng: Generator) -> Colour:
    """Draw a head from the front; return the colour of the skin."""
    skin, hair = vary(pick(_SKINS, rng), rng, 10), vary(pick(_HAIRS, rng), rng, 10)
    wide = radius * pen.height / pen.width
    pen.disc(x, y - radius * 0.18, radius * 1.1, hair)
    if chance(0.4, rng):
        pen.box(x - wide * 1.05, y - radius * 0.1, x + wide * 1.05, y + radius * 1.3, hair)
    pen.ellipse(x, y + radius * 0.1, wide * 0.88, radius, skin)
    for side in (-1, 1):
        pen.disc(x + side * wide * 0.35, y, radius * 0.1, (40, 35, 35))
    mouth = y + radius * 0.5
    pen.line([(x - wide * 0.3, mouth), (x, mouth + radius * 0.1), (x + wide * 0.3, mouth)],
             (170, 70, 70), radius * 0.12)  # fmt: skip
    return skin


def _standing(pen: Pen, rng: Generator) -> None:
    """Draw a standing person with arms and legs in random positions."""
    shirt, trousers, stride = vivid(rng), vary((60, 70, 110), rng, 45), rng.uniform(0.05, 0.2)
    skin = vary(pick(_SKINS, rng), rng, 10)
    for side in (-1, 1):
        foot = 0.5 + side * stride
        pen.line([(0.5 + side * 0.1, 0.54), (foot, 0.95)], trousers, 0.075)
        pen.ellipse(foot + 0.05, 0.97, 0.12, 0.025, (40, 35, 35))
        hand = (0.5 + side * rng.uniform(0.3, 0.46), rng.uniform(0.3, 0.58))
        pen.line([(0.5 + side * 0.2, 0.24), hand], shade(shirt, 0.85), 0.055)
        pen.disc(*hand, 0.026, skin)
    if chance(0.3, rng):
        pen.polygon([(0.38, 0.5), (0.62, 0.5), (0.8, 0.74), (0.2, 0.74)], trousers)
    pen.polygon([(0.26, 0.21), (0.74, 0.21), (0.68, 0.56), (0.32, 0.56)], shirt)
    pen.box(0.44, 0.15, 0.56, 0.22, skin)
    _face(pen, 0.5, 0.1, 0.08, rng)


def _portrait(pen: Pen, rng: Generator) -> None:
    """Draw a person's head and shoulders."""
    shirt = vivid(rng)
    pen.polygon([(0.0, 1.0), (0.08, 0.74), (0.38, 0.64), (0.62, 0.64), (0.92, 0.74), (1.0, 1.0)],
                shirt)  # fmt: skip
    skin = _face(pen, 0.5, 0.32, 0.28, rng)
    pen.polygon([(0.4, 0.58), (0.6, 0.58), (0.6, 0.66), (0.5, 0.74), (0.4, 0.66)], shade(skin, 0.9))


def _flying_bird(pen: Pen, rng: Generator) -> None:
    """Draw a bird with its wings spread."""
    plume = pick(((70, 70, 78), (235, 235, 238), (130, 90, 60), vivid(rng)), rng)
    lift = rng.uniform(0.0, 0.3)
    pen.polygon([(0.44, 0.52), (0.3, 0.1 + lift), (0.0, 0.05 + lift), (0.2, 0.35 + lift / 2),
                 (0.5, 0.64)], shade(plume, 0.85))  # fmt: skip
    pen.polygon([(0.5, 0.5), (0.68, 0.06 + lift), (1.0, 0.1 + lift), (0.8, 0.38 + lift / 2),
                 (0.6, 0.62)], plume)  # fmt: skip
    pen.ellipse(0.5, 0.6, 0.17, 0.13, plume)
    pen.polygon([(0.36, 0.58), (0.2, 0.78), (0.34, 0.8), (0.44, 0.68)], shade(plume, 0.75))
    pen.disc(0.67, 0.55, 0.1, plume)
    pen.polygon([(0.72, 0.52), (0.82, 0.57), (0.72, 0.61)], (235, 160, 40))
    pen.disc(0.69, 0.53, 0.018, (20, 20, 20))


def _perched_bird(pen: Pen, rng: Generator) -> None:
    """Draw a standing bird from the side."""
    plume = pick((vivid(rng), (110, 84, 60), (90, 95, 105)), rng)
    breast = mix(plume, (250, 220, 180), 0.6)
    for x in (0.46, 0.56):
        pen.line([(x, 0.76), (x + 0.02, 0.98), (x + 0.1, 0.98)], (200, 130, 50), 0.02)
    pen.polygon([(0.3, 0.5), (0.0, 0.72), (0.06, 0.8), (0.4, 0.72)], shade(plume, 0.7))
    pen.ellipse(0.5, 0.55, 0.27, 0.25, plume)
    pen.ellipse(0.57, 0.62, 0.18, 0.17, breast)
    pen.disc(0.7, 0.26, 0.19, plume)
    pen.polygon([(0.82, 0.2), (0.99, 0.27), (0.82, 0.34)], (240, 170, 50))
    pen.disc(0.75, 0.22, 0.035, (20, 20, 20))
    pen.polygon([(0.3, 0.42), (0.56, 0.46), (0.44, 0.68), (0.14, 0.7)], shade(plume, 0.8))


def _fish(pen: Pen, rng: Generator) -> None:
    """Draw a fish from the side."""
    scale, deep = vivid(rng), rng.uniform(0.26, 0.4)
    fin = shade(scale, rng.uniform(0.6, 0.85))
    pen.polygon([(0.3, 0.5 - deep * 0.8), (0.5, 0.02), (0.68, 0.5 - deep * 0.7)], fin)
    pen.polygon([(0.42, 0.5 + deep * 0.8), (0.5, 0.99), (0.6, 0.5 + deep * 0.8)], fin)
    pen.polygon([(0.72, 0.5), (1.0, 0.14), (0.93, 0.5), (1.0, 0.86)], fin)
    pen.ellipse(0.41, 0.5, 0.4, deep, scale)
    if chance(0.6, rng):
        stripe = pick(((245, 245, 240), (30, 30, 40), shade(scale, 1.5)), rng)
        for x in (0.32, 0.48, 0.62):
            tall = deep * (0.92 - abs(x - 0.41) * 1.4)
            left, right = (x, 0.5 - tall), (x + 0.06, 0.5 - tall * 0.9)
            pen.polygon([left, right, (right[0], 1 - right[1]), (x, 0.5 + tall)], stripe)
    pen.disc(0.15, 0.43, 0.075, (245, 245, 245))
    pen.disc(0.145, 0.43, 0.04, (15, 15, 20))
    pen.line([(0.02, 0.56), (0.1, 0.6)], shade(scale, 0.4), 0.02)
    pen.polygon([(0.34, 0.52), (0.52, 0.48), (0.48, 0.68)], fin)


def _cat_head(pen: Pen, x: float, y: float, radius: float, fur: Colour) -> None:
    """Draw a cat's face with ears, eyes, nose and whiskers."""
    wide = radius * pen.height / pen.width
    for side in (-1, 1):
        ear = ((0.95, 0.1), (0.85, 1.5), (0.15, 0.8))
        corners = [(x + side * wide * a, y - radius * b) for a, b in ear]
        pen.polygon(corners, shade(fur, 0.85))
    pen.disc(x, y, radius, fur)
    for side in (-1, 1):
        eye = x + side * wide * 0.42
        pen.ellipse(eye, y - radius * 0.1, wide * 0.2, radius * 0.22, (180, 200, 70))
        pen.ellipse(eye, y - radius * 0.1, wide * 0.07, radius * 0.2, (15, 15, 15))
        for slope in (-0.1, 0.15):
            pen.line([(x + side * wide * 0.25, y + radius * 0.4),
                      (x + side * wide * 1.3, y + radius * (0.4 + slope))],
                     (235, 235, 235), radius * 0.05)  # fmt: skip
    pen.polygon([(x - wide * 0.14, y + radius * 0.22), (x + wide * 0.14, y + radius * 0.22),
                 (x, y + radius * 0.4)], (220, 120, 120))  # fmt: skip


def _sitting_cat(pen: Pen, rng: Generator) -> None:
    """Draw a sitting cat from the front."""
    fur = vary(pick(_FURS, rng), rng)
    pen.line([(0.7, 0.9), (0.93, 0.86), (0.94, 0.6), (0.86, 0.5)], shade(fur, 0.8), 0.06)
    pen.ellipse(0.5, 0.76, 0.32, 0.26, fur)
    pen.ellipse(0.5, 0.7, 0.16, 0.2, shade(fur, 1.25))
    for x in (0.4, 0.6):
        pen.ellipse(x, 0.96, 0.1, 0.04, shade(fur, 1.15))
    _cat_head(pen, 0.5, 0.34, 0.22, fur)


def _walking_cat(pen: Pen, rng: Generator) -> None:
    """Draw a walking cat from the side, with its tail up."""
    fur = vary(pick(_FURS, rng), rng)
    pen.line([(0.86, 0.52), (0.97, 0.3), (0.92, 0.05)], shade(fur, 0.85), 0.07)
    for x in (0.3, 0.42, 0.7, 0.82):
        swing = rng.uniform(-0.05, 0.05)
        pen.line([(x, 0.62), (x + swing, 0.96)], shade(fur, rng.uniform(0.75, 1.0)), 0.09)
    pen.ellipse(0.56, 0.58, 0.34, 0.17, fur)
    for x in (0.45, 0.56, 0.67):
        pen.line([(x, 0.44), (x + 0.02, 0.6)], shade(fur, 0.7), 0.03)
    _cat_head(pen, 0.21, 0.38, 0.2, fur)


PERSON_VARIANTS = (Variant(_standing, 0.36, 0.48), Variant(_portrait, 0.8, 1.0))
BIRD_VARIANTS = (Variant(_flying_bird, 1.3, 1.8), Variant(_perched_bird, 0.95, 1.3))
FISH_VARIANTS = (Variant(_fish, 1.5, 2.1),)
CAT_VARIANTS = (Variant(_sitting_cat, 0.65, 0.85), Variant(_walking_cat, 1.3, 1.7))
