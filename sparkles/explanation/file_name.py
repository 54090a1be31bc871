"""Safe file names for image ids and class names with any characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from sparkles.redaction import redact

__all__ = ["class_folders", "file_name"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ODD = re.compile(r"[^a-z0-9._-]+")
_READABLE = 60


def file_name(name: str) -> str:
    """Return a name that is safe on every file system and different for every input.

    Lower-case names of letters, digits, dots, dashes and underscores are kept. Other names become a
    recognizable part and a digest, so that they differ even on file systems that do not distinguish
    ``A`` from ``a``. The recognizable part of a URI has none of its secrets.

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
    readable = _ODD.sub("-", redact(name).lower())[:_READABLE].strip("._-")
    return f"{readable}-{digest}" if readable else digest


def class_folders(labels: Sequence[str]) -> list[str]:
    """Return a folder name for each class, in lower case if the names then still differ.

    Examples
    --------
    >>> class_folders(["Cat", "Dog"])
    ['cat', 'dog']
    """
    plain = [file_name(label.lower()) for label in labels]
    return plain if len(set(plain)) == len(labels) else [file_name(label) for label in labels]
