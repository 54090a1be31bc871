"""The exceptions that Pillow raises on damaged files."""

from __future__ import annotations

import struct
import zlib

__all__ = ["DECODER_ERRORS"]

# Pillow reads some forty formats, and as many authors wrote the readers: AVIF raises RuntimeError,
# DDS and BLP raise NotImplementedError, EXIF raises a TypeError.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
