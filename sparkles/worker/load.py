"""One photo in a worker: whatever the input column holds, to the network's pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import FeaturizationError, PhotoError
from sparkles.imaging import decode_image, read_pixels, resize_image, struct_to_image
from sparkles.imaging.attempt import attempt
from sparkles.storage import DEFAULT_S3, S3Options, read_bytes

__all__ = ["PhotoKind", "Pixels", "load_photo", "load_picture", "photos_of"]

Pixels = npt.NDArray[np.uint8]


class PhotoKind(StrEnum):
    """What the input column holds."""

    URI = "uri"
    BYTES = "bytes"
    STRUCT = "struct"


def photos_of(batch: pd.Series[Any] | pd.DataFrame) -> Iterable[Any]:
    """The photos of a batch as Spark hands it over; an image struct comes as a dict."""
    if isinstance(batch, pd.DataFrame):
        columns = [batch[name] for name in batch.columns]
        return (dict(zip(batch.columns, row, strict=True)) for row in zip(*columns, strict=True))
    return batch


def load_photo(
    photo: Any,
    kind: PhotoKind,
    height: int,
    width: int,
    *,
    fail_fast: bool,
    s3: S3Options = DEFAULT_S3,
) -> Pixels | PhotoError:
    """Fetch, decode and resize a photo, or say why not.

    Raises
    ------
    FeaturizationError
        In the reason's place, where ``fail_fast``.
    """
    loaded = attempt(lambda: _pixels(photo, kind, height, width, s3))
    if fail_fast and isinstance(loaded, PhotoError):
        raise FeaturizationError(
            f"{_describe(photo, kind)}: {loaded}. Set handleInvalid to 'keep' (null "
            "features, the reason in errorCol) or 'skip' to go on without such photos"
        ) from loaded
    return loaded


def load_picture(
    photo: Any, kind: PhotoKind, at_least: tuple[int, int], s3: S3Options = DEFAULT_S3
) -> Image.Image | PhotoError:
    """Fetch and decode a photo, in its own aspect ratio, or say why not.

    Parameters
    ----------
    at_least
        Height and width that are enough; see :func:`~sparkles.imaging.decode_image`.
    """
    return attempt(lambda: _picture(photo, kind, at_least, s3))


def _pixels(photo: Any, kind: PhotoKind, height: int, width: int, s3: S3Options) -> Pixels:
    if kind is PhotoKind.STRUCT:
        return resize_image(struct_to_image(_present_struct(photo)), height, width)
    return read_pixels(_content(photo, kind, s3), height, width)


def _picture(photo: Any, kind: PhotoKind, at_least: tuple[int, int], s3: S3Options) -> Image.Image:
    if kind is PhotoKind.STRUCT:
        return struct_to_image(_present_struct(photo))
    return decode_image(_content(photo, kind, s3), at_least=at_least)


def _content(photo: Any, kind: PhotoKind, s3: S3Options) -> bytes | None:
    if kind is PhotoKind.BYTES:
        content: bytes | None = photo
        return content
    if not photo:
        raise PhotoError(Reason.NO_PHOTO, "the URI is null or empty")
    return read_bytes(photo, s3)


def _present_struct(photo: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Arrow spreads a null struct over its fields, where it is a column by itself."""
    return None if photo is None or photo.get("data") is None else photo


def _describe(photo: Any, kind: PhotoKind) -> str:
    if kind is PhotoKind.URI:
        return f"photo {photo}"
    if kind is PhotoKind.STRUCT:
        return f"photo {photo.get('origin') or '(image struct without origin)'}"
    return f"photo of {len(photo or b''):,} bytes"
