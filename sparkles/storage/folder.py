"""List folders on a local disk page by page; which files a listing skips."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from sparkles.choices import StorageReason
from sparkles.errors import StorageError

__all__ = ["is_skipped", "list_folder"]

_PAGE = 1000


def is_skipped(name: str) -> bool:
    """Whether a listing skips a file: its name, or that of a folder above it, begins with a dot.

    Parameters
    ----------
    name
        The path relative to the listed folder; if it ends in a slash, it marks a folder in S3.

    Examples
    --------
    >>> [is_skipped(name) for name in ("a.jpg", "_DSC1.jpg", ".a.jpg", ".old/a.jpg", "old/")]
    [False, False, True, True, True]
    """
    return not name or name.endswith("/") or any(part.startswith(".") for part in name.split("/"))


def list_folder(folder: Path) -> Iterator[list[str]]:
    """List the files in a folder and in the folders below it.

    Links are followed. The files come in the order of the disk.

    Yields
    ------
    list of str
        ``file:`` URIs with literal names, about a thousand at a time.

    Raises
    ------
    StorageError
        If a folder cannot be read: without an error its files would be missing silently.
    """
    page: list[str] = []
    for path in _files(str(folder.absolute()), []):
        # Bytes that are not UTF-8 have no place in a URI. Their replacement names no file, so
        # whoever reads it gets an error.
        page.append("file:" + os.fsencode(path).decode("utf-8", "replace"))
        if len(page) == _PAGE:
            yield page
            page = []
    yield page


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return False  # a link to itself, which is one file that cannot be read


def _files(folder: str, above: list[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(folder)  # noqa: PTH116 (as fast as scandir, which is the point here)
        here = (status.st_dev, status.st_ino)
        if here in above:  # a link to a folder that contains it
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_skipped(entry.name):
                    continue
                if _is_folder(entry):
                    yield from _files(entry.path, [*above, here])
                else:
                    yield entry.path
    except OSError as error:
        detail = f"{error.filename} cannot be listed: {error.strerror}"
        raise StorageError(StorageReason.UNREADABLE, detail) from error
