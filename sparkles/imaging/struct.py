"""Turn Spark's image struct (``format("image")``, sparkdl's ``imageIO``) into an RGB image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import PhotoError

__all__ = ["struct_to_image"]

# OpenCV type number -> (sample type, channels), as in Spark's ImageSchema and sparkdl.
_MODES: dict[int, tuple[type[np.generic], int]] = {
    0: (np.uint8, 1),
    16: (np.uint8, 3),
    24: (np.uint8, 4),
    5: (np.float32, 1),
    21: (np.float32, 3),
    29: (np.float32, 4),
}


def struct_to_image(image: Mapping[str, Any] | None) -> Image.Image:
    """Turn an image struct into a Pillow image in mode ``RGB``.

    Parameters
    ----------
    image
        Fields ``origin, height, width, nChannels, mode, data``: rows of pixels, channels in the
        order gray, BGR or BGRA; samples of eight bits, or float32 from 0 to 255 (rounded to
        eight bits). Alpha is dropped.

    Raises
    ------
    PhotoError
        ``empty`` for a null struct; ``corrupt`` for mode -1, by which Spark marks files that it
        could not decode, and for data that do not have the stated shape.

    Examples
    --------
    >>> blue = {"height": 1, "width": 1, "nChannels": 3, "mode": 16, "data": bytes([255, 0, 0])}
    >>> struct_to_image(blue).getpixel((0, 0))
    (0, 0, 255)
    """
    if image is None or image["data"] is None:
        raise PhotoError(Reason.EMPTY, "the image struct is null")
    known = _MODES.get(image["mode"])
    if known is None:
        detail = f"mode {image['mode']}, where Spark marks files that it could not decode with -1"
        raise PhotoError(Reason.CORRUPT, detail)
    sample_type, channels = known
    height, width = image["height"] or 0, image["width"] or 0
    data = bytes(image["data"])
    expected = height * width * channels * np.dtype(sample_type).itemsize
    if height < 1 or width < 1 or len(data) != expected:
        detail = f"{len(data):,} bytes where {height} x {width} x {channels} take {expected:,}"
        raise PhotoError(Reason.CORRUPT, detail)
    samples = np.frombuffer(data, dtype=sample_type).reshape(height, width, channels)
    return Image.fromarray(_rgb(_eight_bits(samples)), mode="RGB")


def _eight_bits(samples: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if samples.dtype != np.uint8:
        samples = np.clip(np.rint(np.nan_to_num(samples)), 0, 255)
    return samples.astype(np.uint8, copy=False)


def _rgb(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if samples.shape[2] == 1:
        return np.repeat(samples, 3, axis=2)
    return np.ascontiguousarray(samples[:, :, 2::-1])
