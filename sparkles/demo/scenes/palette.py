"""Colours: mix, shade and vary them."""

from __future__ import annotations

import colorsys

from numpy.random import Generator

__all__ = ["Colour", "mix", "shade", "vary", "vivid"]

Colour = tuple[int, int, int]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Mix two colours; `share` is the second one's share, 0 to 1.

    Examples
    --------
    >>> mix((0, 0, 0), (200, 100, 50), 0.5)
    (100, 50, 25)
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def shade(colour: Colour, factor: float) -> Colour:
    """Darken a colour (factor below 1), or lighten it towards white (above 1, at most 2).

    Examples
    --------
    >>> shade((100, 200, 0), 0.5), shade((100, 200, 0), 1.5)
    ((50, 100, 0), (178, 228, 128))
    """
    if factor <= 1:
        return mix((0, 0, 0), colour, factor)
    return mix(colour, (255, 255, 255), factor - 1)


def vary(colour: Colour, rng: Generator, amount: float = 18.0) -> Colour:
    """Change each channel by up to `amount` levels, within 0 to 255.

    Examples
    --------
    >>> import numpy as np
    >>> max(vary((250, 0, 100), np.random.default_rng(0), 200)) <= 255
    True
    """
    red, green, blue = (
        min(255, max(0, round(channel + rng.uniform(-amount, amount)))) for channel in colour
    )
    return red, green, blue


def vivid(rng: Generator) -> Colour:
    """Return a random saturated colour.

    Examples
    --------
    >>> import numpy as np
    >>> colour = vivid(np.random.default_rng(0))
    >>> max(colour) - min(colour) > 50
    True
    """
    hue, saturation, value = rng.uniform(0, 1), rng.uniform(0.45, 0.95), rng.uniform(0.5, 0.98)
    red, green, blue = (round(255 * x) for x in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue
