"""The image formats that are read, and names for files of other formats, by their first bytes."""

from __future__ import annotations

import io
import re

from PIL import Image

__all__ = ["READ_FORMATS", "describe_other_format", "open_picture"]

# Pillow has readers for forty formats. One of them, EPS, starts Ghostscript on the bytes it is
# given; most are old, rare and seldom tested. Pillow's reader of JPEG also reads MPO.
READ_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")

_EXPECTED = "JPEG, MPO, PNG, WebP, BMP, GIF or TIFF"
_LOOKED_AT = 1024  # bytes

# ISO base media files begin with a box "ftyp", which holds the brand: ISO/IEC 14496-12, 4.3.
_BRANDS = {
    b"avif": "AVIF image", b"avis": "AVIF image",
    b"heic": "HEIC image", b"heix": "HEIC image", b"heim": "HEIC image", b"heis": "HEIC image",
    b"hevc": "HEIC image", b"hevx": "HEIC image", b"mif1": "HEIF image", b"msf1": "HEIF image",
    b"crx ": "CR3 raw image", b"qt  ": "QuickTime video",
}  # fmt: skip
_SIGNATURES = [
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL image"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG 2000 image"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript or EPS image"),
    (rb"8BPS", "Photoshop image"),
    (rb"P[1-7]\s", "PNM image"),
    (rb"\x00\x00\x01\x00", "ICO image"),
    (rb"DDS |BLP[12]", "texture"),
    (rb"%PDF", "PDF document"),
    (rb"RIFF.{4}AVI ", "AVI video"),
    (rb"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
    (rb"PK\x03\x04", "ZIP archive"),
    (rb"\x1f\x8b", "gzip archive"),
    (rb"version https://git-lfs", "Git LFS pointer"),
    (rb"(?i)\s*(<\?xml.*)?<svg", "SVG drawing"),
    (rb"(?i)\s*(<!doctype html|<html)", "HTML page"),
    (rb"(?i)\s*<\?xml", "XML document"),
]


def open_picture(content: bytes) -> Image.Image:
    """Open an encoded file with Pillow, if it has one of the formats that are read.

    Raises
    ------
    PIL.UnidentifiedImageError
        If it has none of them.
    """
    return Image.open(io.BytesIO(content), formats=READ_FORMATS)


def describe_other_format(content: bytes) -> str:
    """Describe a file that is of none of the formats that are read.

    Parameters
    ----------
    content
        The file, or its first bytes.

    Examples
    --------
    >>> describe_other_format(bytes.fromhex("0000001c66747970") + b"heic")
    'HEIC image; expected JPEG, MPO, PNG, WebP, BMP, GIF or TIFF'
    >>> describe_other_format(b"a,b")
    '3 bytes of an unknown format; expected JPEG, MPO, PNG, WebP, BMP, GIF or TIFF'
    """
    name = _name(content[:_LOOKED_AT]) or f"{len(content):,} bytes of an unknown format"
    return f"{name}; expected {_EXPECTED}"


def _name(start: bytes) -> str | None:
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "MP4 video")
    found = (name for pattern, name in _SIGNATURES if re.match(pattern, start, re.DOTALL))
    return next(found, None)
