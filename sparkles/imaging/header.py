"""Read a photo's header, without its pixels: format, size in pixels, channels."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from sparkles.choices import Reason
from sparkles.errors import PhotoError, StorageError
from sparkles.imaging.attempt import photo_error
from sparkles.imaging.decoder_errors import DECODER_ERRORS
from sparkles.imaging.formats import describe_other_format, open_picture
from sparkles.imaging.orientation import SIDEWAYS, find_turn
from sparkles.imaging.pillow_warnings import ignoring_warnings
from sparkles.storage import DEFAULT_S3, Head, S3Options, read_head

__all__ = ["PREFIXES", "Header", "read_header"]

# Numbers of bytes to read, one after the other until the header is complete. The first is enough
# for nearly all photos; a camera's EXIF with a thumbnail takes up to 64 KB per segment, a colour
# profile for print takes more.
PREFIXES = (8 * 1024, 128 * 1024, 2 * 1024 * 1024)


@dataclass(frozen=True)
class Header:
    """The properties of a photo that are known without decoding it.

    Attributes
    ----------
    format
        Pillow's name of the format: JPEG, PNG, MPO.
    width, height
        In pixels, after the EXIF orientation is applied.
    channels
        1 for gray or a palette, 3 for colour, 4 with transparency or for CMYK.
    mode
        Pillow's name of the channels: RGB, L, CMYK.
    bytes
        Size of the whole file.
    """

    format: str
    width: int
    height: int
    channels: int
    mode: str
    bytes: int


def read_header(uri: str, s3: S3Options = DEFAULT_S3) -> Header:
    """Read the first bytes of a photo, and more of them only if its header is longer.

    Raises
    ------
    PhotoError
        With the :class:`~sparkles.choices.Reason`: ``no photo``, ``unreadable``, ``empty``,
        ``not an image``, ``too large`` or ``corrupt``.

    Examples
    --------
    >>> read_header("nowhere/0001.jpg")
    Traceback (most recent call last):
    sparkles.errors.PhotoError: no photo: nothing at nowhere/0001.jpg
    """
    problem = PhotoError(Reason.EMPTY, "the photo has no bytes")
    for size in PREFIXES:
        try:
            head = read_head(uri, size, s3)
        except StorageError as error:
            raise photo_error(error) from error
        if not head.content:
            break
        try:
            return _parse(head)
        except UnidentifiedImageError:
            problem = PhotoError(Reason.NOT_AN_IMAGE, describe_other_format(head.content))
        except Image.DecompressionBombError as error:
            raise PhotoError(Reason.TOO_LARGE, str(error)) from error
        except DECODER_ERRORS as error:
            detail = f"the header does not end in the first {len(head.content):,} bytes: {error}"
            problem = PhotoError(Reason.CORRUPT, detail)
        if head.total <= size:
            break
    raise problem


def _parse(head: Head) -> Header:
    # No pixel is decoded, so a decompression bomb is harmless.
    with ignoring_warnings(), open_picture(head.content) as picture:
        width, height = picture.size
        if _lies_sideways(picture):
            width, height = height, width
        bands = len(picture.getbands())
        name = picture.format or "unknown"
        return Header(name, width, height, bands, picture.mode, head.total)


def _lies_sideways(picture: Image.Image) -> bool:
    # A PNG's EXIF may come after its pixels, and looking for it would load these.
    if "exif" not in picture.info and picture.format != "TIFF":
        return False
    return find_turn(picture) in SIDEWAYS
