"""A pen that draws one object in the unit square of its box, turned and lit as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageChops, ImageDraw

from sparkles.demo.scenes.palette import Colour, shade

__all__ = ["Pen", "Point"]

Point = tuple[float, float]

_MARGIN = 0.16  # of the longer side, around the box, so that a turned object is not clipped
_ROUND = 26  # corners of an ellipse: enough to look round at these sizes


class Pen:
    """Draws in coordinates where (0, 0) is the box's upper left corner and (1, 1) its lower right.

    Parameters
    ----------
    width, height
        Size of the box in pixels.
    flip
        Whether to mirror left and right.
    tilt
        Rotation about the centre of the box, in radians.
    shear
        Sideways slant, like a viewpoint that is slightly off the front.
    outline
        Whether every shape gets a darker edge, as in a comic.

    Examples
    --------
    >>> pen = Pen(40, 20)
    >>> pen.box(0, 0, 1, 1, (255, 0, 0))
    >>> tile = pen.tile()
    >>> tile.mode, tile.size, tile.getpixel((26, 16))
    ('RGBA', (52, 32), (255, 0, 0, 255))
    """

    def __init__(
        self,
        width: float,
        height: float,
        *,
        flip: bool = False,
        tilt: float = 0.0,
        shear: float = 0.0,
        outline: bool = False,
    ) -> None:
        self.width, self.height = max(4.0, width), max(4.0, height)
        margin = math.floor(_MARGIN * max(self.width, self.height))
        self._centre = (self.width / 2 + margin, self.height / 2 + margin)
        size = (round(self.width) + 2 * margin, round(self.height) + 2 * margin)
        self._image = Image.new("RGBA", size, (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._image)
        self._mirror = -1.0 if flip else 1.0
        self._cos, self._sin, self._shear = math.cos(tilt), math.sin(tilt), shear
        self._outline = outline

    def _place(self, points: Iterable[Point]) -> list[Point]:
        """Convert points of the unit square to pixels of the tile."""
        placed = []
        for x, y in points:
            dy = (y - 0.5) * self.height
            dx = self._mirror * (x - 0.5) * self.width + self._shear * dy
            placed.append(
                (
                    self._centre[0] + dx * self._cos - dy * self._sin,
                    self._centre[1] + dx * self._sin + dy * self._cos,
                )
            )
        return placed

    def polygon(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill a polygon."""
        placed = self._place(points)
        edge = shade(colour, 0.55) if self._outline else None
        self._draw.polygon(placed, fill=colour, outline=edge)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill an upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def ellipse(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse around (x, y); its radii are shares of the box's width and height."""
        steps = (2 * math.pi * i / _ROUND for i in range(_ROUND))
        self.polygon([(x + across * math.cos(a), y + down * math.sin(a)) for a in steps], colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle; the radius is a share of the box's height."""
        self.ellipse(x, y, radius * self.height / self.width, radius, colour)

    def ring(self, x: float, y: float, radius: float, colour: Colour, width: float = 0.03) -> None:
        """Draw the edge of a circle; radius and width are shares of the box's height."""
        across = radius * self.height / self.width
        turn = [2 * math.pi * i / _ROUND for i in range(_ROUND + 2)]
        self.line(
            [(x + across * math.cos(a), y + radius * math.sin(a)) for a in turn], colour, width
        )

    def line(self, points: Iterable[Point], colour: Colour, width: float) -> None:
        """Draw a line through the points; the width is a share of the box's height."""
        pixels = max(1, round(width * self.height))
        self._draw.line(self._place(points), fill=colour, width=pixels, joint="curve")

    def blob(
        self, x: float, y: float, across: float, down: float, colour: Colour, rng: Generator
    ) -> None:
        """Fill an ellipse with an uneven edge, like that of foliage or a rock."""
        corners = 22
        radii = 1 + rng.uniform(-0.16, 0.16, corners)
        turns = np.linspace(0, 2 * math.pi, corners, endpoint=False)
        xs = x + across * radii * np.cos(turns)
        ys = y + down * radii * np.sin(turns)
        self.polygon(zip(xs.tolist(), ys.tolist(), strict=True), colour)

    def tile(self, rng: Generator | None = None) -> Image.Image:
        """Return the image, transparent around the object and, with `rng`, lit from one side."""
        if rng is None:
            return self._image
        coloured = self._image.convert("RGB")
        lit = ImageChops.multiply(coloured, _light(self._image.size, rng))
        lit.putalpha(self._image.getchannel("A"))
        return lit


def _light(size: tuple[int, int], rng: Generator) -> Image.Image:
    """Return a soft map of light: bright on one side, darker below, slightly uneven."""
    across, down, cells = rng.uniform(-0.35, 0.35), rng.uniform(0.0, 0.35), 6
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, cells), np.linspace(-0.5, 0.5, cells))
    level = 0.9 + across * x - down * y + rng.uniform(-0.07, 0.07, (cells, cells))
    grey = Image.fromarray((255 * level.clip(0.4, 1)).astype(np.uint8))
    return grey.resize(size, Image.Resampling.BICUBIC).convert("RGB")
