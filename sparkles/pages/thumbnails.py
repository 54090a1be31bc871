"""Thumbnails on a page that needs no other file: embedded, and no more of them than fit."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["MOST_BYTES", "drop_to_fit", "jpeg_uri"]

MOST_BYTES = 3_000_000  # of all JPEGs on a page; in base64 that is 4 MB of text

_Photo = TypeVar("_Photo")


def jpeg_uri(jpeg: bytes) -> str:
    """Return a JPEG as a ``data:`` URI."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def drop_to_fit(
    groups: Sequence[Sequence[_Photo]], size: Callable[[_Photo], int], most: int = MOST_BYTES
) -> list[tuple[_Photo, ...]]:
    """Leave out the last photos of the largest groups until the thumbnails fit on the page.

    Parameters
    ----------
    size
        Returns the bytes of a photo's thumbnails.

    Examples
    --------
    >>> drop_to_fit(["ab", "vwxyz"], lambda _: 10, most=50)
    [('a', 'b'), ('v', 'w', 'x')]
    """
    kept = [list(photos) for photos in groups]
    while sum(size(photo) for photos in kept for photo in photos) > most:
        max(kept, key=lambda photos: sum(map(size, photos))).pop()
    return [tuple(photos) for photos in kept]
