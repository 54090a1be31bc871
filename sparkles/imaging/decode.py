"""Decode a photo to an upright 8-bit RGB image, or give the reason why that fails."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging.decoder_errors import DECODER_ERRORS
from sparkles.imaging.formats import describe_other_format, open_picture
from sparkles.imaging.jpeg import decode_jpeg
from sparkles.imaging.orientation import SIDEWAYS, find_turn
from sparkles.imaging.pillow_warnings import ignoring_warnings

__all__ = ["MAX_PIXELS", "decode_image"]

# Twice Pillow's threshold for warnings, above which Pillow refuses to decode. A photo of 12,000 x
# 9,000 pixels passes; a decompression bomb of 50,000 x 50,000 does not.
MAX_PIXELS = 178_956_970

# Threads that decode at the same time share memory; they take turns with larger photos than this.
_LARGE_PIXELS = 16_000_000
_turn = threading.Lock()


def decode_image(
    content: bytes | None,
    max_pixels: int = MAX_PIXELS,
    at_least: tuple[int, int] | None = None,
) -> Image.Image:
    """Decode a photo to an upright Pillow image in mode ``RGB``.

    JPEG, MPO, PNG, WebP, BMP, GIF and TIFF are recognized by their content, whatever the name of
    the file; files of other formats are rejected. Gray, palette and CMYK photos are converted; an
    alpha channel is dropped, as in ``keras.utils.load_img``; 16-bit samples keep their upper eight
    bits; an animation gives its first frame. The EXIF orientation is applied, because pretrained
    networks learned from upright photos. (Keras does not apply it; for photos without that tag, for
    example those of Open Images, it makes no difference.)

    Parameters
    ----------
    content
        The encoded file.
    max_pixels
        Photos with more pixels are rejected before any is decoded, to stop decompression bombs.
    at_least
        Height and width that are enough: a larger JPEG may be decoded at 1/2, 3/8, 1/4 or 1/8 of
        its size, in a fraction of the time, but never smaller than these. Default: the full size,
        by Pillow.

    Returns
    -------
    PIL.Image.Image
        Mode ``RGB``, eight bits a channel.

    Raises
    ------
    PhotoError
        With the :class:`~sparkles.choices.Reason`: ``empty``, ``not an image``, ``too large``,
        ``truncated`` or ``corrupt``.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> file = io.BytesIO()
    >>> Image.new("L", (4, 3), 200).save(file, format="PNG")
    >>> picture = decode_image(file.getvalue())
    >>> picture.mode, picture.size, picture.getpixel((0, 0))
    ('RGB', (4, 3), (200, 200, 200))
    >>> decode_image(b"<html>404</html>")
    Traceback (most recent call last):
    sparkles.errors.PhotoError: not an image: HTML page; expected JPEG, MPO, PNG, WebP, BMP, GIF or
    TIFF
    """
    if not content:
        raise PhotoError(Reason.EMPTY, "the photo has no bytes")
    with ignoring_warnings():  # our own limit replaces the warning of decompression bombs
        picture = _open(content, max_pixels)
        try:
            with _taking_turns(picture):
                return _upright(picture, content, at_least)
        except Image.DecompressionBombError as error:  # a bomb inside, for example in an icon
            raise PhotoError(Reason.TOO_LARGE, str(error)) from error
        except DECODER_ERRORS as error:
            raise _damaged(error) from error


def _open(content: bytes, max_pixels: int) -> Image.Image:
    try:
        picture = open_picture(content)
    except UnidentifiedImageError as error:
        raise PhotoError(Reason.NOT_AN_IMAGE, describe_other_format(content)) from error
    except Image.DecompressionBombError as error:
        raise PhotoError(Reason.TOO_LARGE, str(error)) from error
    except DECODER_ERRORS as error:
        raise _damaged(error) from error
    width, height = picture.size
    if width * height > max_pixels:
        detail = f"{width:,} x {height:,} pixels, more than {max_pixels:,}"
        raise PhotoError(Reason.TOO_LARGE, detail)
    return picture


def _damaged(error: Exception) -> PhotoError:
    detail = str(error) or type(error).__name__
    truncated = isinstance(error, EOFError) or "truncated" in detail.lower()
    return PhotoError(Reason.TRUNCATED if truncated else Reason.CORRUPT, detail)


def _taking_turns(picture: Image.Image) -> contextlib.AbstractContextManager[Any]:
    large = picture.width * picture.height > _LARGE_PIXELS
    return _turn if large else contextlib.nullcontext()


def _upright(picture: Image.Image, content: bytes, at_least: tuple[int, int] | None) -> Image.Image:
    if at_least is not None and picture.format in ("JPEG", "MPO") and picture.mode in ("RGB", "L"):
        turn = find_turn(picture)
        height, width = reversed(at_least) if turn in SIDEWAYS else at_least
        pixels = decode_jpeg(content, height, width)
        if pixels is not None:
            return _turned(Image.fromarray(pixels), turn)
    picture.load()  # first: while loading, Pillow turns a TIFF upright itself
    return _to_rgb(_turned(picture, find_turn(picture)))


def _turned(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return picture if turn is None else picture.transpose(turn)


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _to_eight_bits(picture)
    elif picture.mode in ("P", "PA"):
        # Converted through RGBA, because Pillow misreads palette entries with transparency.
        picture = picture.convert("RGBA")
    return picture.convert("RGB")


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale samples of 16 bits, and float samples in [0, 1], which Pillow would clip."""
    samples = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    if picture.mode == "F":
        scaled = samples * 255.0 if samples.max(initial=0.0) <= 1.0 else samples
    else:
        scaled = np.floor(samples / 256.0)
    return Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8), mode="L")
