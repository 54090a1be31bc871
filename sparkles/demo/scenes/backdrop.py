"""Empty scenes: meadow, road, town, sea, snow, desert, room, studio, pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageChops, ImageDraw

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, mix, shade, vary, vivid

__all__ = ["Backdrop", "Place", "draw_backdrop"]

_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((70, 130, 200), (190, 215, 235)), ((110, 165, 215), (230, 238, 240)),
    ((150, 160, 170), (205, 210, 214)), ((60, 70, 120), (240, 160, 110)),
    ((90, 90, 110), (150, 150, 160)), ((200, 150, 140), (250, 220, 170)),
    ((40, 50, 90), (90, 100, 135)),
)  # fmt: skip


class Place(StrEnum):
    """The setting of a scene."""

    MEADOW = "meadow"
    ROAD = "road"
    TOWN = "town"
    SEA = "sea"
    SNOW = "snow"
    DESERT = "desert"
    ROOM = "room"
    STUDIO = "studio"
    PATTERN = "pattern"


@dataclass(frozen=True)
class Backdrop:
    """An empty scene.

    Attributes
    ----------
    place
        The place that it shows.
    image
        The image, in RGB.
    horizon
        The upper edge of the ground, as a share of the height from the top.
    """

    place: Place
    image: Image.Image
    horizon: float

    @property
    def indoors(self) -> bool:
        """Whether the place has no weather."""
        return self.place in (Place.ROOM, Place.STUDIO, Place.PATTERN)

    @property
    def flat(self) -> bool:
        """Whether there is no ground, so that objects may be anywhere."""
        return self.place in (Place.STUDIO, Place.PATTERN)


def draw_backdrop(place: Place, size: tuple[int, int], rng: Generator) -> Backdrop:
    """Draw an empty place.

    Parameters
    ----------
    place
        The place.
    size
        Width and height in pixels.
    rng
        Decides the colours, the weather and the horizon.

    Examples
    --------
    >>> import numpy as np
    >>> backdrop = draw_backdrop(Place.SEA, (64, 48), np.random.default_rng(0))
    >>> backdrop.image.size, 0.2 < backdrop.horizon < 0.8
    ((64, 48), True)
    """
    horizon = float(rng.uniform(0.3, 0.65))
    image = _gradient(size, *(vary(colour, rng) for colour in pick(_SKIES, rng)))
    if chance(0.7, rng):
        image = _clouds(image, rng)
    image = _PAINTERS[place](image, horizon, rng)
    return Backdrop(place, image, horizon)


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """Fill an image with a gradient from one colour at the top to another at the bottom."""
    column = np.linspace(top, bottom, 32)[:, None, :].round().astype(np.uint8)
    return Image.fromarray(column).resize(size, Image.Resampling.BILINEAR)


def _noise(
    size: tuple[int, int], cells: tuple[int, int], low: float, high: float, rng: Generator
) -> Image.Image:
    """Return a grey map of soft random spots between two levels, 0 to 1."""
    spots = (255 * rng.uniform(low, high, (cells[1], cells[0]))).astype(np.uint8)
    return Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC)


def _grain(image: Image.Image, rng: Generator, depth: float, cells: tuple[int, int]) -> Image.Image:
    """Darken an image in random spots, like those of grass, sand and plaster."""
    spots = _noise(image.size, cells, 1 - depth, 1, rng).convert("RGB")
    return ImageChops.multiply(image, spots)


def _clouds(image: Image.Image, rng: Generator) -> Image.Image:
    """Add clouds of two sizes to a sky."""
    level = rng.uniform(90, 170)
    coarse = _noise(image.size, (7, 9), 0, 1, rng)
    fine = _noise(image.size, (22, 34), 0, 1, rng)
    mask = Image.blend(coarse, fine, 0.35).point(lambda grey: min(200, max(0, (grey - level) * 3)))
    white = Image.new("RGB", image.size, vary((238, 238, 240), rng, 15))
    return Image.composite(white, image, mask)


def _ground(
    image: Image.Image, horizon: float, colour: Colour, rng: Generator, depth: float = 0.3
) -> Image.Image:
    """Draw a plain below the horizon, with a grain that is finer in the distance."""
    width, height = image.size
    top = int(horizon * height)
    plain = _gradient((width, height - top), mix(colour, (190, 200, 205), 0.25), colour)
    plain = _grain(plain, rng, depth, (int(rng.integers(30, 120)), int(rng.integers(60, 160))))
    image.paste(plain, (0, top))
    return image


def _ridge(image: Image.Image, base: float, rise: float, colour: Colour, rng: Generator) -> None:
    """Draw a line of hills or peaks behind the ground."""
    width, height = image.size
    count = int(rng.integers(4, 16))
    tops = base - rise * rng.uniform(0.1, 1.0, count)
    across = np.linspace(0, width, 60)
    smooth = np.interp(across, np.linspace(0, width, count), tops)
    if chance(0.6, rng):
        smooth = np.convolve(np.pad(smooth, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    line = [(float(x), float(y * height)) for x, y in zip(across, smooth, strict=True)]
    corners = [(0.0, base * height + 2), *line, (float(width), base * height + 2)]
    ImageDraw.Draw(image).polygon(corners, fill=colour)


def _meadow(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    green = vary(pick(((106, 160, 62), (130, 165, 80), (180, 165, 90), (80, 130, 65)), rng), rng)
    for layer in range(int(rng.integers(0, 3)), 0, -1):
        tint = mix(shade(green, 0.8), (150, 175, 195), 0.3 * layer)
        _ridge(image, horizon + 0.01, 0.12 + 0.08 * layer, tint, rng)
    return _ground(image, horizon, green, rng)


def _road(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    verge = vary(pick(((110, 140, 70), (160, 150, 110), (140, 140, 136)), rng), rng)
    if chance(0.6, rng):
        _ridge(image, horizon + 0.01, 0.15, mix(verge, (140, 165, 190), 0.5), rng)
    image = _ground(image, horizon, verge, rng)
    width, height = image.size
    grey, vanish = vary((98, 98, 102), rng, 25), rng.uniform(0.2, 0.8) * width
    draw, top = ImageDraw.Draw(image), horizon * height
    if chance(0.5, rng):  # the road runs across the image
        upper, lower = rng.uniform(0.1, 0.4), rng.uniform(0.75, 1.1)
        edges = [top + (height - top) * part for part in (upper, lower)]
        draw.rectangle((0, edges[0], width, edges[1]), fill=grey)
        middle = sum(edges) / 2
        for x in range(0, width, max(8, width // 7)):
            draw.rectangle(
                (x, middle, x + width // 14, middle + height // 60), fill=(225, 222, 205)
            )
        return image
    left, right = rng.uniform(-0.5, 0.15) * width, rng.uniform(0.85, 1.5) * width
    draw.polygon([(vanish - 3, top), (vanish + 3, top), (right, height), (left, height)], fill=grey)
    foot = (left + right) / 2
    for near in (0.1, 0.25, 0.45, 0.72):
        far = near + 0.08 + near * 0.12
        (xa, ya), (xb, yb) = (
            (vanish + (foot - vanish) * t, top + (height - top) * t) for t in (near, far)
        )
        w = width * 0.012
        draw.polygon(
            [(xa - w * near, ya), (xa + w * near, ya), (xb + w * far, yb), (xb - w * far, yb)],
            fill=(225, 222, 205),
        )
    return image


def _town(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    x, lit = 0.0, chance(0.4, rng)
    while x < width:
        wide, high = rng.uniform(0.08, 0.24) * width, rng.uniform(0.1, 0.9) * horizon * height
        wall = vary(pick(((150, 140, 135), (120, 125, 135), (180, 160, 140)), rng), rng, 30)
        top, bottom = horizon * height - high, horizon * height + 2
        draw.rectangle((x, top, x + wide, bottom), fill=wall)
        step = max(5.0, width * 0.035)
        glass: Colour = (245, 220, 140) if lit else shade(wall, 0.6)
        for wx in np.arange(x + step / 2, x + wide - step / 2, step):
            for wy in np.arange(top + step / 2, bottom - step / 2, step * 1.2):
                draw.rectangle((wx, wy, wx + step * 0.45, wy + step * 0.6), fill=glass)
        x += wide
    return _ground(image, horizon, vary((140, 138, 136), rng, 25), rng, 0.2)


def _sea(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    water = vary(pick(((50, 100, 140), (70, 140, 150), (80, 100, 115)), rng), rng)
    width, height = image.size
    top = int(horizon * height)
    plain = _gradient((width, height - top), mix(water, (210, 225, 230), 0.4), water)
    plain = _grain(plain, rng, 0.35, (6, int(rng.integers(30, 80))))
    image.paste(plain, (0, top))
    if chance(0.35, rng):  # a beach in the foreground
        shore = horizon + (1 - horizon) * rng.uniform(0.4, 0.8)
        image = _ground(image, shore, vary((220, 200, 150), rng), rng, 0.15)
    return image


def _snow(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    if chance(0.7, rng):
        _ridge(image, horizon + 0.01, 0.3, vary((170, 180, 200), rng), rng)
    return _ground(image, horizon, vary((232, 236, 242), rng, 10), rng, 0.12)


def _desert(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    sand = vary(pick(((215, 180, 125), (190, 130, 90), (170, 150, 130)), rng), rng)
    _ridge(image, horizon + 0.01, 0.25, shade(sand, 0.75), rng)
    return _ground(image, horizon, sand, rng, 0.25)


def _room(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    width, height = image.size
    wall = vary(pick(((225, 215, 195), (170, 190, 195), (200, 170, 150), vivid(rng)), rng), rng)
    room = _gradient(image.size, shade(wall, 1.1), shade(wall, 0.8))
    draw = ImageDraw.Draw(room)
    if chance(0.4, rng):
        for stripe in range(0, width, max(6, width // int(rng.integers(8, 24)))):
            draw.line(
                [(stripe, 0), (stripe, height)], fill=shade(wall, 0.88), width=max(1, width // 160)
            )
    for _ in range(int(rng.integers(0, 3))):  # pictures or windows
        x, y = rng.uniform(0, 0.8) * width, rng.uniform(0.02, 0.2) * height
        wide, high = rng.uniform(0.1, 0.3) * width, rng.uniform(0.1, 0.25) * height
        draw.rectangle((x, y, x + wide, y + high), fill=pick(((240, 240, 235), (80, 60, 45)), rng))
        inner = (x + wide * 0.1, y + high * 0.1, x + wide * 0.9, y + high * 0.9)
        draw.rectangle(inner, fill=vivid(rng) if chance(0.5, rng) else (175, 205, 225))
    floor = vary(pick(((150, 110, 75), (120, 120, 122), (190, 175, 160)), rng), rng)
    room = _ground(room, horizon, floor, rng, 0.2)
    top = horizon * height
    ImageDraw.Draw(room).rectangle((0, top - height * 0.025, width, top), fill=shade(wall, 0.55))
    return room


def _studio(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    tint = vary(pick(((235, 235, 235), (110, 114, 122), vivid(rng), vivid(rng)), rng), rng)
    return _grain(_gradient(image.size, tint, shade(tint, 0.7)), rng, 0.15, (3, 3))


def _pattern(image: Image.Image, horizon: float, rng: Generator) -> Image.Image:
    width, height = image.size
    first, second = vivid(rng), vivid(rng)
    second = mix(first, second, rng.uniform(0.15, 0.6))
    cloth = Image.new("RGB", image.size, first)
    draw, step = ImageDraw.Draw(cloth), max(6, width // int(rng.integers(5, 16)))
    slant, style = int(rng.integers(-height // 2, height // 2)), int(rng.integers(3))
    for i, x in enumerate(range(-height, width + height, step)):
        if style == 0:
            draw.line([(x, 0), (x + slant, height)], fill=second, width=step // 2)
            continue
        for j, y in enumerate(range(0, height, step)):
            if (i + j) % 2 == 0:
                shape = draw.rectangle if style == 1 else draw.ellipse
                shape((x, y, x + step, y + step), fill=second)
    return _grain(cloth, rng, 0.3, (8, 8))


_PAINTERS: dict[Place, Callable[[Image.Image, float, Generator], Image.Image]] = {
    Place.MEADOW: _meadow,
    Place.ROAD: _road,
    Place.TOWN: _town,
    Place.SEA: _sea,
    Place.SNOW: _snow,
    Place.DESERT: _desert,
    Place.ROOM: _room,
    Place.STUDIO: _studio,
    Place.PATTERN: _pattern,
}
