"""The drawn photos on which the demo backbone is trained; they show no car and no tree."""

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

__all__ = ["TrainingPhotos", "draw_training_photos", "shuffled_batches"]

_SHIFT = 8  # pixels by which training moves a photo, at most
_SMALLEST, _LARGEST = 120, 220  # pixels; larger photos take longer and look the same at 96


@dataclass(frozen=True)
class TrainingPhotos:
    """Photos with the classes that they show.

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


def draw_training_photos(seed: int, first: int, last: int) -> TrainingPhotos:
    """Draw photos number `first` to `last` (excluded) of every class except Car and Tree.

    Each photo depends only on the seed, its class and its number, so disjoint ranges give
    disjoint photos.

    Examples
    --------
    >>> photos = draw_training_photos(seed=0, first=0, last=1)
    >>> photos.pixels.shape, photos.classes.tolist()[:3]
    ((16, 96, 96, 3), [0, 1, 2])
    """
    numbers = [(index, i) for i in range(first, last) for index in range(len(OTHER_CLASSES))]
    pixels = np.empty((len(numbers), IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8)
    for row, (index, i) in enumerate(numbers):
        pixels[row] = _draw_one(OTHER_CLASSES[index], np.random.default_rng([seed, index, i]))
    return TrainingPhotos(pixels, np.array([index for index, _ in numbers], np.int64))


def _draw_one(name: str, rng: Generator) -> NDArray[np.uint8]:
    """Draw one photo, encode it as JPEG and decode it, as in real use."""
    scene = draw_scene([name], rng, longest=int(rng.integers(_SMALLEST, _LARGEST + 1)))
    with Image.open(io.BytesIO(encode_jpeg(scene.image, rng))) as photo:
        small = photo.resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small)


def shuffled_batches(
    photos: TrainingPhotos, batch: int, rng: Generator
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield augmented batches without end, in a new order for each epoch.

    Yields
    ------
    tuple
        Pixels in [−1, 1] of shape (batch, 96, 96, 3), and one-hot classes. An incomplete last
        batch of an epoch is dropped.
    """
    one_hot = np.eye(len(OTHER_CLASSES), dtype=np.float32)
    while True:
        order = rng.permutation(len(photos.classes))
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            yield _augment(photos.pixels[rows], rng), one_hot[photos.classes[rows]]


def _augment(pixels: NDArray[np.uint8], rng: Generator) -> NDArray[np.float32]:
    """Mirror half of the photos, move and brighten all of them, and scale them to [−1, 1]."""
    mirrored = rng.random(len(pixels)) < 0.5
    pixels = np.where(mirrored[:, None, None, None], pixels[:, :, ::-1], pixels)
    padding: Any = ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT), (0, 0))
    padded = np.pad(pixels, padding, mode="edge")
    moved = np.empty_like(pixels)
    for row, (y, x) in enumerate(rng.integers(0, 2 * _SHIFT + 1, (len(pixels), 2))):
        moved[row] = padded[row, y : y + IMAGE_SIDE, x : x + IMAGE_SIDE]
    light = rng.uniform(0.8, 1.2, (len(pixels), 1, 1, 3)).astype(np.float32)
    return (moved * light).clip(0, 255) / np.float32(127.5) - np.float32(1)
