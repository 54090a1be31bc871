"""Which way up a photo is, by its EXIF orientation."""

from __future__ import annotations

from PIL import ExifTags, Image

from sparkles.imaging.decoder_errors import DECODER_ERRORS

__all__ = ["SIDEWAYS", "find_turn"]

# EXIF's orientation -> what turns the picture upright (Exif 2.32, tag 0x0112).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {_UPRIGHT[tag] for tag in (5, 6, 7, 8)}  # the turns that swap width and height


def find_turn(picture: Image.Image) -> Image.Transpose | None:
    """Return what turns a picture upright, or None if it is upright or its EXIF is damaged.

    Examples
    --------
    >>> from PIL import Image
    >>> find_turn(Image.new("RGB", (4, 3))) is None
    True
    """
    # Not ImageOps.exif_transpose: it rewrites the other tags and fails if one is damaged.
    try:
        return _UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except DECODER_ERRORS:
        return None  # the pixels are intact; damaged EXIF is no reason to reject the photo
