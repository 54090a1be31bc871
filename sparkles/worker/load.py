"""Load one photo in a worker, whatever the input column holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import FeaturizationError, PhotoError, SchemaError
from sparkles.imaging import resize_image, struct_to_image
from sparkles.imaging.attempt import attempt
from sparkles.storage import DEFAULT_S3, S3Options, read_bytes
from sparkles.worker.decoder import PLAIN, Decoder

__all__ = [
    "HashedPhoto",
    "Photo",
    "PhotoBatch",
    "PhotoKind",
    "Pixels",
    "kind_of",
    "load_hashed_photo",
    "load_photo",
    "load_picture",
    "photos_of",
]

Pixels = npt.NDArray[np.uint8]
Photo = str | bytes | Mapping[str, Any] | None  # a URI, encoded bytes or an image struct
PhotoBatch: TypeAlias = "pd.Series[Any] | pd.DataFrame"  # photos, or the fields of image structs

# The fields of an image struct that are read; see sparkles.imaging.struct.
STRUCT_FIELDS = frozenset({"height", "width", "nChannels", "mode", "data"})


class PhotoKind(StrEnum):
    """What the input column holds."""

    URI = "uri"
    BYTES = "bytes"
    STRUCT = "struct"
    ANY = "any"  # any of these; each photo shows which


def kind_of(photo: Photo) -> PhotoKind:
    """Distinguish photos by what they are, where nobody knows the type of their column.

    Raises
    ------
    SchemaError
        If it is no photo.

    Examples
    --------
    >>> kind_of("s3://bucket/a.jpg"), kind_of(b"..."), kind_of(None)
    (<PhotoKind.URI: 'uri'>, <PhotoKind.BYTES: 'bytes'>, <PhotoKind.BYTES: 'bytes'>)
    """
    if photo is None or isinstance(photo, bytes):
        return PhotoKind.BYTES
    if isinstance(photo, str):
        return PhotoKind.URI
    if isinstance(photo, Mapping) and photo.keys() >= STRUCT_FIELDS:
        return PhotoKind.STRUCT
    raise SchemaError(
        "expected a URI (string), the bytes of a photo (binary) or an image struct, which "
        f"format('image') reads; got {str(photo)[:80]!r} ({type(photo).__name__})"
    )


@dataclass(frozen=True, slots=True)
class HashedPhoto:
    """A photo as the network sees it, and the hash of its bytes.

    Attributes
    ----------
    pixels
        uint8, shape ``(height, width, 3)``, or why the photo gives none.
    sha256
        SHA-256 of the encoded bytes in hexadecimal digits, also if they cannot be decoded; None
        where there are no bytes, as for a row of pixels.
    """

    pixels: Pixels | PhotoError
    sha256: str | None = None


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
    decoder: Decoder = PLAIN,
) -> Pixels | PhotoError:
    """Fetch, decode and resize a photo to the network's pixels, or return why that failed.

    Parameters
    ----------
    decoder
        Of :func:`~sparkles.worker.decoder.decoder_for` in a Spark task.

    Raises
    ------
    FeaturizationError
        Instead of returning the reason, if ``fail_fast``.
    SchemaError
        If the column may hold any kind, and this is no photo.
    """
    return load_hashed_photo(
        photo, kind, height, width, fail_fast=fail_fast, s3=s3, decoder=decoder
    ).pixels


def load_hashed_photo(
    photo: Photo,
    kind: PhotoKind,
    height: int,
    width: int,
    *,
    fail_fast: bool,
    s3: S3Options = DEFAULT_S3,
    decoder: Decoder = PLAIN,
) -> HashedPhoto:
    """Do what :func:`load_photo` does, and hash the bytes that are in memory anyway.

    Raises
    ------
    FeaturizationError
        Instead of returning the reason why there are no pixels, if ``fail_fast``.
    SchemaError
        If the column may hold any kind, and this is no photo.

    Examples
    --------
    >>> found = load_hashed_photo(b"no photo", PhotoKind.BYTES, 8, 8, fail_fast=False)
    >>> str(found.pixels).partition(":")[0], found.sha256[:8]
    ('not an image', 'e812b8ca')
    """
    if kind is PhotoKind.ANY:
        kind = kind_of(photo)
    loaded = _load_and_hash(photo, kind, (height, width), s3, decoder)
    if fail_fast and isinstance(loaded.pixels, PhotoError):
        raise FeaturizationError(
            f"{_describe(photo, kind)}: {loaded.pixels}. Set handleInvalid to 'keep' (null "
            "features, the reason in errorCol) or 'skip' (no row) to continue without such photos"
        ) from loaded.pixels
    return loaded


def load_picture(
    photo: Photo,
    kind: PhotoKind,
    at_least: tuple[int, int],
    s3: S3Options = DEFAULT_S3,
    decoder: Decoder = PLAIN,
) -> Image.Image | PhotoError:
    """Fetch and decode a photo, keeping its aspect ratio, or return why that failed.

    Parameters
    ----------
    at_least
        Height and width that suffice; see :func:`~sparkles.imaging.decode_image`.
    """
    return attempt(lambda: _picture(photo, kind, at_least, s3, decoder))


def _load_and_hash(
    photo: Photo, kind: PhotoKind, size: tuple[int, int], s3: S3Options, decoder: Decoder
) -> HashedPhoto:
    if kind is PhotoKind.STRUCT:
        return HashedPhoto(attempt(lambda: resize_image(struct_to_image(_struct(photo)), *size)))
    content = attempt(lambda: _content(photo, kind, s3))
    if isinstance(content, PhotoError):
        return HashedPhoto(content)
    digest = hashlib.sha256(content).hexdigest() if content else None
    name = _describe(photo, kind)
    return HashedPhoto(attempt(lambda: decoder.pixels(name, content, *size)), digest)


def _picture(
    photo: Photo, kind: PhotoKind, at_least: tuple[int, int], s3: S3Options, decoder: Decoder
) -> Image.Image:
    if kind is PhotoKind.STRUCT:
        return struct_to_image(_struct(photo))
    return decoder.picture(_describe(photo, kind), _content(photo, kind, s3), at_least)


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
