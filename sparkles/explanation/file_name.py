"""File names for image ids and class names, whatever these hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

__all__ = ["class_folders", "file_name"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ODD = re.compile(r"[^a-z0-9._-]+")
_READABLE = 60


def file_name(name: str) -> str:
    """A name that is safe on every file system, and another for every other input.

    Lower-case names of letters, digits, dots, dashes and underscores are kept. Others become
    something to recognize them by, and a digest that tells them apart: also where a file system
    takes ``A`` and ``a`` for the same.

    Examples
    --------
    >>> file_name("000b1e0f3a2c")
    '000b1e0f3a2c'
    >>> file_name("2024/Été.jpg")
    '2024-t-.jpg-d2beffc312f99227'
    """
    if _PLAIN.fullmatch(name) and not name.endswith("."):
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = _ODD.sub("-", name.lower())[:_READABLE].strip("._-")
    return f"{readable}-{digest}" if readable else digest


def class_folders(labels: Sequence[str]) -> list[str]:
    """A folder name for each class, in lower case where that leaves them apart.

    Examples
    --------
    >>> class_folders(["Cat", "Dog"])
    ['cat', 'dog']
    """
    plain = [file_name(label.lower()) for label in labels]
    return plain if len(set(plain)) == len(labels) else [file_name(label) for label in labels]
