"""Decode a photo to an upright 8-bit RGB image, or give the reason why that fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from PIL import Image, UnidentifiedImageError

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging.convert import convert_to_rgb
from sparkles.imaging.decoder_errors import DECODER_ERRORS
from sparkles.imaging.formats import describe_other_format, open_picture
from sparkles.imaging.jpeg import decode_jpeg
from sparkles.imaging.memory import LARGE, check_memory, jpeg_memory, memory_of, turn_memory
from sparkles.imaging.orientation import SIDEWAYS, find_turn
from sparkles.imaging.pillow_warnings import ignoring_warnings
from sparkles.imaging.resize import shrink

__all__ = ["MAX_PIXELS", "decode_image", "decode_resized"]

# Twice Pillow's threshold for warnings, above which Pillow refuses to decode. A photo of 12,000 x
# 9,000 pixels passes; a decompression bomb of 50,000 x 50,000 does not.
MAX_PIXELS = 178_956_970

_turn = threading.Lock()  # for photos that take much memory; threads share it


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
        Photos with more pixels are rejected before any is decoded, to stop decompression bombs;
        so are photos that would take more than 600 MiB of memory.
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
    return _decode(content, max_pixels, at_least)


def decode_resized(content: bytes | None, height: int, width: int) -> Image.Image:
    """Decode a photo and resize it, in less memory than one after the other.

    Parameters
    ----------
    content
        See :func:`decode_image`, which gives the same photo in its own size.
    height, width
        See :func:`~sparkles.imaging.resize_image`.

    Raises
    ------
    PhotoError
        See :func:`decode_image`.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> Image.new("L", (40, 30), 200).save(file, format="PNG")
    >>> decode_resized(file.getvalue(), 10, 20).size
    (20, 10)
    """
    return _decode(content, MAX_PIXELS, (height, width), lambda one: shrink(one, height, width))


def _decode(
    content: bytes | None,
    max_pixels: int,
    at_least: tuple[int, int] | None,
    resize: Callable[[Image.Image], Image.Image] | None = None,
) -> Image.Image:
    if not content:
        raise PhotoError(Reason.EMPTY, "the photo has no bytes")
    with ignoring_warnings():  # our own limit replaces the warning of decompression bombs
        picture = _open(content, max_pixels)
        try:
            return _upright(picture, content, at_least, resize)
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


def _upright(
    picture: Image.Image,
    content: bytes,
    at_least: tuple[int, int] | None,
    resize: Callable[[Image.Image], Image.Image] | None,
) -> Image.Image:
    if at_least is not None and picture.format in ("JPEG", "MPO") and picture.mode in ("RGB", "L"):
        turn = find_turn(picture)
        height, width = reversed(at_least) if turn in SIDEWAYS else at_least
        with _affording(picture, jpeg_memory(picture, height, width)):
            pixels = decode_jpeg(content, height, width)
            if pixels is not None:
                scaled = _turned(Image.fromarray(pixels), turn)
                return resize(scaled) if resize else scaled
    with _affording(picture, memory_of(picture, shrunk=resize is not None)):
        picture.load()  # first: while loading, Pillow turns a TIFF upright itself
        turn = find_turn(picture)
        if turn is not None:
            check_memory(picture, turn_memory(picture))
        return convert_to_rgb(_turned(picture, turn), resize)


@contextlib.contextmanager
def _affording(picture: Image.Image, needed: int) -> Iterator[None]:
    """Check that a photo takes no more memory than allowed; one that takes much waits its turn."""
    check_memory(picture, needed)
    with _turn if needed > LARGE else contextlib.nullcontext():
        yield


def _turned(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    if turn is None:
        return picture
    turned = picture.transpose(turn)
    picture.close()
    return turned
