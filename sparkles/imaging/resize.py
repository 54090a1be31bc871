"""Resize photos, so that the driver, the workers and the tests get the same pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["resize_image", "shrink"]


def resize_image(picture: Image.Image, height: int, width: int) -> npt.NDArray[np.uint8]:
    """Resize an RGB image to the network's input, without keeping its aspect ratio.

    The filter is Pillow's bilinear one, which averages over the source pixels when it shrinks
    (antialiasing). An image that already has the size is returned unchanged.

    Parameters
    ----------
    picture
        Mode ``RGB``.
    height, width
        Size of the result in pixels.

    Returns
    -------
    numpy.ndarray
        uint8, shape ``(height, width, 3)``, channels in the order RGB.

    Examples
    --------
    >>> from PIL import Image
    >>> resize_image(Image.new("RGB", (640, 480), (255, 0, 0)), 2, 3)[0, 0].tolist()
    [255, 0, 0]
    """
    return np.asarray(shrink(picture, height, width), dtype=np.uint8)


def shrink(picture: Image.Image, height: int, width: int) -> Image.Image:
    """Do what :func:`resize_image` does, with an image of mode ``L`` or ``RGB`` as the result.

    Examples
    --------
    >>> shrink(Image.new("L", (640, 480), 7), 2, 3).getpixel((0, 0))
    7
    """
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.BILINEAR)
