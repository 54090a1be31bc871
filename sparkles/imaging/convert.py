"""Convert a decoded photo to 8-bit RGB without a second full copy of it where that is possible.

A photo of 100 million pixels takes 400 MB as RGB. Converted as a whole, a palette would take
900 MB, and 16-bit samples 2.7 GB as float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["GRAY", "convert_to_rgb"]

GRAY = {"1", "L", "LA", "I", "I;16", "I;16L", "I;16B", "I;16N", "F"}
_STRIP_PIXELS = 250_000


_Step = Callable[[Image.Image], Image.Image]


def convert_to_rgb(picture: Image.Image, shrink: _Step | None = None) -> Image.Image:
    """Convert a photo of any mode to mode ``RGB``.

    Gray is repeated; an alpha channel is dropped; samples of 16 bits keep their upper eight; float
    samples from 0 to 1 are scaled, others are cut to 0 to 255.

    Parameters
    ----------
    picture
        A loaded photo. It is closed, and cannot be used any more, unless its mode is ``RGB``.
    shrink
        Resizes a photo of mode ``L`` or ``RGB``, each channel by itself. Gray photos and those
        with an alpha channel are resized before they are converted, with the same result.

    Examples
    --------
    >>> convert_to_rgb(Image.new("LA", (1, 1), (200, 9))).getpixel((0, 0))
    (200, 200, 200)
    """
    if picture.mode in GRAY:
        gray = _closing(picture, _to_gray)
        return (shrink(gray) if shrink else gray).convert("RGB")
    if picture.mode == "RGBA" and shrink:
        channels = [shrink(picture.getchannel(name)) for name in "RGB"]
        picture.close()
        return Image.merge("RGB", channels)
    if picture.mode in ("P", "PA"):
        picture = _closing(picture, _from_palette)
    elif picture.mode != "RGB":
        picture = _closing(picture, lambda other: other.convert("RGB"))
    return shrink(picture) if shrink else picture


def _closing(picture: Image.Image, convert: _Step) -> Image.Image:
    converted = convert(picture)
    if converted is not picture:
        picture.close()
    return converted


def _to_gray(picture: Image.Image) -> Image.Image:
    if picture.mode == "LA":
        return picture.getchannel("L")
    return picture.convert("L") if picture.mode == "1" else _to_eight_bits(picture)


def _from_palette(picture: Image.Image) -> Image.Image:
    # Through RGBA, because Pillow misreads palette entries with transparency.
    result = Image.new("RGB", picture.size)
    for top, strip in _strips(picture):
        result.paste(strip.convert("RGBA").convert("RGB"), (0, top))
    return result


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale samples of 16 bits, and float samples in [0, 1], which Pillow would clip."""
    if picture.mode == "L":
        return picture
    scale = _eight_bits_of_float(picture) if picture.mode == "F" else _eight_bits_of_int
    result = Image.new("L", picture.size)
    for top, strip in _strips(picture):
        result.paste(Image.fromarray(scale(np.asarray(strip)), mode="L"), (0, top))
    return result


_Samples = npt.NDArray[Any]


def _eight_bits_of_int(samples: _Samples) -> npt.NDArray[np.uint8]:
    return np.clip(samples >> 8, 0, 255).astype(np.uint8)


def _eight_bits_of_float(picture: Image.Image) -> Callable[[_Samples], npt.NDArray[np.uint8]]:
    def numbers(samples: _Samples) -> npt.NDArray[np.float64]:
        return np.nan_to_num(samples.astype(np.float64))

    highest = max(numbers(np.asarray(strip)).max(initial=0.0) for _, strip in _strips(picture))
    factor = 255.0 if highest <= 1.0 else 1.0
    return lambda samples: np.clip(numbers(samples) * factor, 0, 255).astype(np.uint8)


def _strips(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield whole rows of a photo, many at a time, with the place of the first."""
    rows = max(1, _STRIP_PIXELS // max(picture.width, 1))
    for top in range(0, picture.height, rows):
        bottom = min(top + rows, picture.height)
        yield top, picture.crop((0, top, picture.width, bottom))
