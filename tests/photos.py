"""Synthetic photos for tests."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["encode", "picture", "pixels"]


def pixels(height: int, width: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Return a photo-like array, uint8 RGB: smooth patches of colour with some noise."""
    random = np.random.default_rng(seed)
    patches = random.integers(0, 256, (5, 5, 3)).astype(np.uint8)
    smooth = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
    noise = random.normal(0, 8, (height, width, 3))
    return np.clip(np.asarray(smooth) + noise, 0, 255).astype(np.uint8)


def picture(height: int, width: int, seed: int = 0) -> Image.Image:
    """Return :func:`pixels` as a Pillow image."""
    return Image.fromarray(pixels(height, width, seed))


def encode(image: Image.Image, file_format: str = "JPEG", **options: object) -> bytes:
    """Encode a Pillow image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, format=file_format, **options)
    return file.getvalue()
