"""The first bytes of a file, and the size of the whole file."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Head", "byte_range", "total_of"]


@dataclass(frozen=True)
class Head:
    """The part of a file that was read.

    Attributes
    ----------
    content
        The first bytes.
    total
        The number of bytes in the whole file.
    """

    content: bytes
    total: int


def byte_range(size: int) -> str:
    """Return the header of HTTP and S3 that requests the first bytes (RFC 9110, section 14.1.2).

    Examples
    --------
    >>> byte_range(4096)
    'bytes=0-4095'
    """
    return f"bytes=0-{size - 1}"


def total_of(content_range: str | None) -> int | None:
    """Return the size of the whole file from a Content-Range, or None if it is not given.

    Examples
    --------
    >>> total_of("bytes 0-4095/286312"), total_of("bytes 0-4095/*"), total_of(None)
    (286312, None, None)
    """
    match = re.fullmatch(r"\s*bytes\s+\d+-\d+/(\d+)\s*", content_range or "")
    return int(match[1]) if match else None
