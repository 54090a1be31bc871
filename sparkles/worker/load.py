"""Load one photo in a worker, whatever the input column holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import FeaturizationError, PhotoError
from sparkles.imaging import decode_image, read_pixels, resize_image, struct_to_image
from sparkles.imaging.attempt import attempt
from sparkles.storage import DEFAULT_S3, S3Options, read_bytes

__all__ = ["Photo", "PhotoBatch", "PhotoKind", "Pixels", "load_photo", "load_picture", "photos_of"]

Pixels = npt.NDArray[np.uint8]
Photo = str | bytes | Mapping[str, Any] | None  # a URI, encoded bytes or an image struct
PhotoBatch: TypeAlias = "pd.Series[Any] | pd.DataFrame"  # photos, or the fields of image structs


class PhotoKind(StrEnum):
    """What the input column holds."""

    URI = "uri"
    BYTES = "bytes"
    STRUCT = "struct"


def photos_of(batch: PhotoBatch) -> Iterable[Photo]:
    """Return the photos of a batch that Spark passes to a UDF; an image struct becomes a dict."""
    if isinstance(batch, pd.DataFrame):
        columns = [batch[name] for name in batch.columns]
        return (dict(zip(batch.columns, row, strict=True)) for row in zip(*columns, strict=True))
    return batch


def load_photo(
    photo: Photo,
    kind: PhotoKind,
    height: int,
    width: int,
    *,
    fail_fast: bool,
    s3: S3Options = DEFAULT_S3,
) -> Pixels | PhotoError:
    """Fetch, decode and resize a photo to the network's pixels, or return why that failed.

    Raises
    ------
    FeaturizationError
        Instead of returning the reason, if ``fail_fast``.
    """
    loaded = attempt(lambda: _pixels(photo, kind, height, width, s3))
    if fail_fast and isinstance(loaded, PhotoError):
        raise FeaturizationError(
            f"{_describe(photo, kind)}: {loaded}. Set handleInvalid to 'keep' (null features, "
            "the reason in errorCol) or 'skip' (no row) to continue without such photos"
        ) from loaded
    return loaded


def load_picture(
    photo: Photo, kind: PhotoKind, at_least: tuple[int, int], s3: S3Options = DEFAULT_S3
) -> Image.Image | PhotoError:
    """Fetch and decode a photo, keeping its aspect ratio, or return why that failed.

    Parameters
    ----------
    at_least
        Height and width that suffice; see :func:`~sparkles.imaging.decode_image`.
    """
    return attempt(lambda: _picture(photo, kind, at_least, s3))


def _pixels(photo: Photo, kind: PhotoKind, height: int, width: int, s3: S3Options) -> Pixels:
    if kind is PhotoKind.STRUCT:
        return resize_image(struct_to_image(_struct(photo)), height, width)
    return read_pixels(_content(photo, kind, s3), height, width)


def _picture(
    photo: Photo, kind: PhotoKind, at_least: tuple[int, int], s3: S3Options
) -> Image.Image:
    if kind is PhotoKind.STRUCT:
        return struct_to_image(_struct(photo))
    return decode_image(_content(photo, kind, s3), at_least=at_least)


def _content(photo: Photo, kind: PhotoKind, s3: S3Options) -> bytes | None:
    if kind is PhotoKind.BYTES:
        return cast("bytes | None", photo)
    if not photo:
        raise PhotoError(Reason.NO_PHOTO, "the URI is null or empty")
    return read_bytes(cast(str, photo), s3)


def _struct(photo: Photo) -> Mapping[str, Any] | None:
    """Return an image struct; None if it is null, which Arrow may spread over its fields."""
    fields = cast("Mapping[str, Any] | None", photo)
    return None if fields is None or fields.get("data") is None else fields


def _describe(photo: Photo, kind: PhotoKind) -> str:
    if kind is PhotoKind.URI:
        return f"photo {cast('str | None', photo)}"
    if kind is PhotoKind.STRUCT:
        origin = cast("Mapping[str, Any]", photo).get("origin")
        return f"photo {origin or '(image struct without origin)'}"
    return f"photo of {len(photo or b''):,} bytes"
