"""Photo-like scenes of drawn objects, reproducible from the generator's state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from sparkles.demo.scenes.backdrop import Backdrop, Place, draw_backdrop
from sparkles.demo.scenes.camera import photograph
from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.clutter import BARRIER_VARIANTS, CLUTTER_VARIANTS
from sparkles.demo.scenes.objects import OBJECTS, OTHER_CLASSES
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.variant import Variant
from sparkles.errors import SettingsError, nearest

__all__ = ["DRAWING_VERSION", "Scene", "draw_scene"]

DRAWING_VERSION = 1
"""Must be increased whenever the same generator draws other pixels than before."""

_OVERSAMPLE = 2  # drawn twice as large and then reduced, because Pillow's shapes have hard edges
_LARGEST_CANVAS = 800
_FRAMES = (4 / 3, 3 / 2, 1.0, 16 / 9, 3 / 4, 2 / 3)
_UPRIGHT = 0.05  # radians: standard deviation of the tilt of an object on the ground


@dataclass(frozen=True)
class Scene:
    """A drawn photo and its contents.

    Attributes
    ----------
    image
        The photo, in RGB.
    subjects
        The classes that it shows large, in the order of the request.
    extras
        Further classes that it shows small.
    """

    image: Image.Image
    subjects: tuple[str, ...]
    extras: tuple[str, ...]


def draw_scene(
    subjects: Sequence[str],
    rng: Generator,
    *,
    extras: Sequence[str] = OTHER_CLASSES,
    longest: int | None = None,
) -> Scene:
    """Draw a photo of one or more subjects.

    Parameters
    ----------
    subjects
        The names of the classes to show large. Empty for a scene of small objects only.
    rng
        Decides everything else. With the same version of Pillow, the same state gives the same
        pixels.
    extras
        The classes of small objects that may appear in the background.
    longest
        The longer side in pixels. The default is a random number from 160 to 512.

    Raises
    ------
    SettingsError
        If a class cannot be drawn.

    Examples
    --------
    >>> import numpy as np
    >>> scene = draw_scene(["Car"], np.random.default_rng(3), longest=96)
    >>> scene.subjects, max(scene.image.size)
    (('Car',), 96)
    """
    _check(subjects, extras)
    size, canvas = _sizes(longest or int(rng.integers(160, 513)), rng)
    backdrop = draw_backdrop(_place(subjects, rng), canvas, rng)
    added = _add_background(backdrop, extras, rng)
    for index, name in enumerate(subjects):
        _add_subject(backdrop, name, index, len(subjects), rng)
    drawn = backdrop.image.resize(size, Image.Resampling.BOX)
    photo = photograph(drawn, rng, outdoors=not backdrop.indoors)
    return Scene(photo, tuple(subjects), added)


def _check(subjects: Sequence[str], extras: Sequence[str]) -> None:
    """Raise an error for a class that cannot be drawn."""
    for name in (*subjects, *extras):
        if name not in OBJECTS:
            raise SettingsError(
                f"expected a class that can be drawn, got {name!r}.{nearest(name, OBJECTS)} "
                f"The classes are {', '.join(OBJECTS)}."
            )


def _sizes(longest: int, rng: Generator) -> tuple[tuple[int, int], tuple[int, int]]:
    """Choose the width and height of a photo and of the canvas on which it is drawn."""
    frame = pick(_FRAMES, rng)
    short = min(frame, 1 / frame) * longest
    wide, high = (longest, short) if frame >= 1 else (short, longest)
    scale = min(_OVERSAMPLE, max(1.0, _LARGEST_CANVAS / longest))
    return (round(wide), round(high)), (round(wide * scale), round(high * scale))


def _place(subjects: Sequence[str], rng: Generator) -> Place:
    """Choose a place, preferably one where the first subject is typical."""
    if subjects and chance(0.6, rng):
        return pick(OBJECTS[subjects[0]].places, rng)
    return pick(tuple(Place), rng)


def _add_background(backdrop: Backdrop, extras: Sequence[str], rng: Generator) -> tuple[str, ...]:
    """Add small distant objects; return the classes among them."""
    added = []
    for _ in range(int(rng.integers(0, 3))):
        variant = pick(CLUTTER_VARIANTS, rng)
        _put(backdrop, variant, rng.uniform(0.06, 0.2), _far_foot(backdrop, rng), rng)
    if extras and chance(0.4, rng):
        name = pick(extras, rng)
        airborne = OBJECTS[name].airborne
        foot = (rng.uniform(0, 1), rng.uniform(0.1, 0.9)) if airborne else _far_foot(backdrop, rng)
        _put(backdrop, pick(OBJECTS[name].variants, rng), rng.uniform(0.12, 0.26), foot, rng)
        added.append(name)
    return tuple(added)


def _add_subject(backdrop: Backdrop, name: str, index: int, count: int, rng: Generator) -> None:
    """Add a large object, sometimes with more of its variant and something in front of it."""
    subject = OBJECTS[name]
    variant = pick(subject.variants, rng)
    share = rng.uniform(0.38, 1.0) / math.sqrt(count)
    for _ in range(int(rng.integers(1, 3)) if chance(0.25, rng) else 0):
        _put(backdrop, variant, share * rng.uniform(0.4, 0.7), _far_foot(backdrop, rng), rng)
    lane = (index + rng.uniform(0.25, 0.75)) / count
    foot = (lane, _near_foot(backdrop, share, rng))
    if subject.airborne or (backdrop.flat and chance(0.5, rng)):
        foot = (lane, rng.uniform(0.2, 0.75) + share / 2)
    tilt = rng.uniform(-0.4, 0.4) if subject.airborne else rng.normal(0, _UPRIGHT)
    _put(backdrop, variant, share, foot, rng, tilt=float(tilt), shadow=not subject.airborne)
    if chance(0.22, rng):
        _hide_partly(backdrop, foot, share, rng)


def _hide_partly(
    backdrop: Backdrop, foot: tuple[float, float], share: float, rng: Generator
) -> None:
    """Put a post, a fence, a wall, a crate or a rock in front of a subject's lower part."""
    variant = pick(BARRIER_VARIANTS, rng)
    size = share * rng.uniform(0.2, 0.5)
    if variant.widest < 0.5:  # a post is as tall as the object behind it
        size = share * rng.uniform(0.8, 1.3)
    x = foot[0] + share * rng.uniform(-0.3, 0.3)
    _put(backdrop, variant, size, (x, foot[1] + rng.uniform(0.0, 0.05)), rng)


def _far_foot(backdrop: Backdrop, rng: Generator) -> tuple[float, float]:
    """Choose a spot on the ground just below the horizon."""
    return float(rng.uniform(0, 1)), backdrop.horizon + float(rng.uniform(0.02, 0.2))


def _near_foot(backdrop: Backdrop, share: float, rng: Generator) -> float:
    """Choose the vertical position of a large object: the larger, the nearer."""
    lowest = 0.81 + 0.25 * share
    return float(rng.uniform(max(backdrop.horizon + 0.08, lowest - 0.31), lowest))


def _put(
    backdrop: Backdrop,
    variant: Variant,
    share: float,
    foot: tuple[float, float],
    rng: Generator,
    *,
    tilt: float = 0.0,
    shadow: bool = True,
) -> None:
    """Draw an object on a spot; `share` is the diagonal of its box."""
    width, height = backdrop.image.size
    aspect = rng.uniform(variant.narrowest, variant.widest)
    # With the diagonal, a car and a poplar of the same share cover similar areas.
    high = 1.25 * share * min(width, height) / math.hypot(aspect, 1)
    pen = Pen(
        high * aspect, high, flip=chance(0.5, rng), tilt=tilt,
        shear=float(rng.normal(0, 0.06)), outline=chance(0.25, rng),
    )  # fmt: skip
    variant.draw(pen, rng)
    tile = pen.tile(rng)
    x, y = round(foot[0] * width), round(foot[1] * height)
    if shadow:
        _cast_shadow(backdrop.image, (x, y), pen, rng)
    backdrop.image.paste(tile, (x - tile.width // 2, y - round((tile.height + high) / 2)), tile)


def _cast_shadow(image: Image.Image, foot: tuple[int, int], pen: Pen, rng: Generator) -> None:
    """Darken the ground below an object."""
    wide, deep = pen.width * rng.uniform(0.45, 0.6), max(2.0, pen.width * rng.uniform(0.04, 0.1))
    size = (round(2.4 * wide), round(3 * deep))
    mask = Image.new("L", size, 0)
    inner = (0.2 * wide, 0.5 * deep, 2.2 * wide, 2.5 * deep)
    ImageDraw.Draw(mask).ellipse(inner, fill=int(rng.integers(40, 150)))
    mask = mask.filter(ImageFilter.GaussianBlur(max(1.0, deep / 4)))
    image.paste((15, 15, 20), (foot[0] - size[0] // 2, foot[1] - size[1] // 2), mask)
