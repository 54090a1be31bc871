"""The beginning of a file, and how long the whole is."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Head", "byte_range", "total_of"]


@dataclass(frozen=True)
class Head:
    """What was read of a file.

    Attributes
    ----------
    content
        Its first bytes.
    total
        How many bytes the whole file has.
    """

    content: bytes
    total: int


def byte_range(size: int) -> str:
    """How HTTP, and S3 with it, is asked for the first bytes (RFC 9110, section 14.1.2).

    Examples
    --------
    >>> byte_range(4096)
    'bytes=0-4095'
    """
    return f"bytes=0-{size - 1}"


def total_of(content_range: str | None) -> int | None:
    """The length of the whole file that an answer names, or None where it names none.

    Examples
    --------
    >>> total_of("bytes 0-4095/286312"), total_of("bytes 0-4095/*"), total_of(None)
    (286312, None, None)
    """
    match = re.fullmatch(r"\s*bytes\s+\d+-\d+/(\d+)\s*", content_range or "")
    return int(match[1]) if match else None
