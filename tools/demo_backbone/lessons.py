"""The drawn pictures that the demo backbone learns from: never a car, never a tree."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from sparkles.demo.scenes.camera import encode_jpeg
from sparkles.demo.scenes.objects import OTHER_CLASSES
from sparkles.demo.scenes.scene import draw_scene
from sparkles.models.sparkles_demo import IMAGE_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Lessons", "draw_lessons", "shuffled_batches"]

_SHIFT = 8  # pixels that a picture is moved by, at most, in training
_SMALLEST, _LARGEST = 120, 220  # pixels; larger ones cost time and look the same at 96


@dataclass(frozen=True)
class Lessons:
    """Pictures with the classes that they show.

    Attributes
    ----------
    pixels
        ``uint8`` of shape (n, 96, 96, 3), in RGB.
    classes
        ``int64`` of shape (n,): positions in
        :data:`~sparkles.demo.scenes.objects.OTHER_CLASSES`.
    """

    pixels: NDArray[np.uint8]
    classes: NDArray[np.int64]


def draw_lessons(seed: int, first: int, last: int) -> Lessons:
    """Draw pictures number `first` to `last` (not included) of every class but Car and Tree.

    Each picture depends on the seed, its class and its number alone, so that disjoint ranges
    give disjoint pictures.

    Examples
    --------
    >>> lessons = draw_lessons(seed=0, first=0, last=1)
    >>> lessons.pixels.shape, lessons.classes.tolist()[:3]
    ((16, 96, 96, 3), [0, 1, 2])
    """
    numbers = [(index, i) for i in range(first, last) for index in range(len(OTHER_CLASSES))]
    pixels = np.empty((len(numbers), IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8)
    for row, (index, i) in enumerate(numbers):
        pixels[row] = _draw_one(OTHER_CLASSES[index], np.random.default_rng([seed, index, i]))
    return Lessons(pixels, np.array([index for index, _ in numbers], np.int64))


def _draw_one(name: str, rng: Generator) -> NDArray[np.uint8]:
    """Draw one picture, by way of JPEG, as every photo comes."""
    scene = draw_scene([name], rng, longest=int(rng.integers(_SMALLEST, _LARGEST + 1)))
    with Image.open(io.BytesIO(encode_jpeg(scene.image, rng))) as photo:
        small = photo.resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small)


def shuffled_batches(
    lessons: Lessons, batch: int, rng: Generator
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Give batches for ever, in a new order each time round, a little changed.

    Yields
    ------
    tuple
        Pixels in [−1, 1] of shape (batch, 96, 96, 3), and one-hot classes. What does not fill
        a batch is left out until the next round.
    """
    one_hot = np.eye(len(OTHER_CLASSES), dtype=np.float32)
    while True:
        order = rng.permutation(len(lessons.classes))
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            yield _augment(lessons.pixels[rows], rng), one_hot[lessons.classes[rows]]


def _augment(pixels: NDArray[np.uint8], rng: Generator) -> NDArray[np.float32]:
    """Mirror half of the pictures, move and brighten all, and scale them to [−1, 1]."""
    mirrored = rng.random(len(pixels)) < 0.5
    pixels = np.where(mirrored[:, None, None, None], pixels[:, :, ::-1], pixels)
    padding: Any = ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT), (0, 0))
    padded = np.pad(pixels, padding, mode="edge")
    moved = np.empty_like(pixels)
    for row, (y, x) in enumerate(rng.integers(0, 2 * _SHIFT + 1, (len(pixels), 2))):
        moved[row] = padded[row, y : y + IMAGE_SIDE, x : x + IMAGE_SIDE]
    light = rng.uniform(0.8, 1.2, (len(pixels), 1, 1, 3)).astype(np.float32)
    return (moved * light).clip(0, 255) / np.float32(127.5) - np.float32(1)
