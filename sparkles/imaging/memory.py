"""The memory that decoding a photo takes: estimated from its header, and bounded."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any, cast

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging.convert import GRAY

__all__ = [
    "LARGE",
    "MOST_MEMORY",
    "check_memory",
    "jpeg_memory",
    "memory_of",
    "most_memory",
    "turn_memory",
]

MOST_MEMORY = 600 * 1024**2  # bytes for one photo: 157 million pixels of a PNG in colour
_SHARE = 8  # the part of a small machine's memory that one photo may take is an eighth

# Threads that decode at the same time share memory; they take turns with larger photos than this.
LARGE = 64 * 1024**2

# Bytes of a pixel in Pillow's memory where there are not 4.
_WIDTHS = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_RGB = 4  # bytes of a pixel of the result
_WEBP_FRAMES = 3  # that the decoder of WebP holds besides the result
_COEFFICIENT = 2  # bytes; a progressive JPEG is held as such until its last scan is read
_ROWS_PER_STRIP, _TILE_LENGTH = 278, 323


def memory_of(picture: Image.Image, *, shrunk: bool = False) -> int:
    """Return the bytes that it takes to decode a photo in full and to convert it to RGB.

    The estimates are measured, and include neither the encoded file nor an orientation that must
    be applied; see :func:`turn_memory`.

    Parameters
    ----------
    shrunk
        Whether it is resized as soon as possible; see
        :func:`~sparkles.imaging.convert.convert_to_rgb`.

    Examples
    --------
    >>> picture = Image.new("RGBA", (1000, 1000))
    >>> memory_of(picture), memory_of(picture, shrunk=True)
    (8000000, 5000000)
    """
    width, mode = _width(picture), picture.mode
    if mode in GRAY:
        converted = width + 1 if shrunk else max(width + 1, 1 + _RGB)
    elif mode == "RGBA" and shrunk:
        converted = width + 1
    else:
        converted = width if mode == "RGB" else width + _RGB
    return int(max(width + _of_format(picture), converted) * picture.width * picture.height)


def turn_memory(picture: Image.Image) -> int:
    """Return the bytes that a photo and its upright copy take."""
    return 2 * _width(picture) * picture.width * picture.height


def jpeg_memory(picture: Image.Image, height: int, width: int) -> int:
    """Return the bytes that it takes to decode a JPEG while scaling it to at least a size.

    See :func:`~sparkles.imaging.jpeg.decode_jpeg`.
    """
    eighths = (1, 2, 3, 4)
    enough = (
        part
        for part in eighths
        if picture.height * part >= 8 * height and picture.width * part >= 8 * width
    )
    scale = next(enough, 8) / 8
    pixels = picture.width * picture.height
    return int(pixels * (_coefficients(picture) + scale**2 * (3 + _RGB)))


def check_memory(picture: Image.Image, needed: int, most: int | None = None) -> None:
    """Refuse a photo that takes too much memory.

    Parameters
    ----------
    needed
        Bytes.
    most
        The most bytes. Default: 600 MiB, or an eighth of the memory of a small machine, of a small
        container, or of a worker that ``spark.executor.pyspark.memory`` limits.

    Raises
    ------
    PhotoError
        ``too large``.

    Examples
    --------
    >>> check_memory(Image.new("1", (60, 40)), 700_000_000, 600_000_000)
    Traceback (most recent call last):
    sparkles.errors.PhotoError: too large: 60 x 40 pixels take 700 MB, more than 600
    """
    most = most_memory() if most is None else most
    if needed > most:
        detail = (
            f"{picture.width:,} x {picture.height:,} pixels take {needed / 1e6:,.0f} MB, "
            f"more than {most / 1e6:,.0f}"
        )
        raise PhotoError(Reason.TOO_LARGE, detail)


@functools.cache
def most_memory() -> int:
    """Return the most bytes that one photo may take in this process."""
    return min(MOST_MEMORY, _available() // _SHARE)


def _available() -> int:
    """Return the least of what bounds this process: the machine, the container, a limit."""
    import resource

    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    found.append(resource.getrlimit(resource.RLIMIT_AS)[0])  # -1 if there is none
    for file in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = (Path("/sys/fs/cgroup") / file).read_text().strip()
        except OSError:
            continue
        found.append(int(text) if text.isdigit() else -1)
    return min(bound for bound in found if bound > 0)


def _width(picture: Image.Image) -> int:
    return _WIDTHS.get(picture.mode, 4)


def _of_format(picture: Image.Image) -> float:
    """Return the bytes for each pixel that a format's decoder holds besides the result."""
    if picture.format == "WEBP":
        return _WEBP_FRAMES * 4
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        return _of_tiff(picture)
    return _coefficients(picture)


def _of_tiff(picture: TiffImagePlugin.TiffImageFile) -> float:
    """Return the bytes for each pixel of a strip or a row of tiles, which is decoded whole."""
    if not getattr(picture, "use_load_libtiff", False):
        return 0
    tags = cast("dict[int, Any]", picture.tag_v2)
    rows = tags.get(_TILE_LENGTH) or tags.get(_ROWS_PER_STRIP) or picture.height
    return 4 * min(1.0, rows / max(picture.height, 1))


def _coefficients(picture: Image.Image) -> float:
    """Return the bytes for each pixel that a progressive JPEG takes before it is decoded."""
    progressive = picture.info.get("progressive") or picture.info.get("progression")
    if not isinstance(picture, JpegImagePlugin.JpegImageFile) or not progressive:
        return 0
    layers = [(across, down) for _, across, down, *_ in cast("Any", picture).layer]
    whole = max(across for across, _ in layers) * max(down for _, down in layers)
    return float(_COEFFICIENT * sum(across * down for across, down in layers) / whole)
