"""The exceptions that Pillow raises on damaged files."""

from __future__ import annotations

import struct
import zlib

__all__ = ["DECODER_ERRORS"]

# Each reader of Pillow has an author of its own: EXIF raises a TypeError, PNG a SyntaxError, a
# decoder in C an OSError.
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
