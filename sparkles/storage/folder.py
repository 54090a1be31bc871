"""Folders on a local disk, listed page by page, and what a listing passes over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sparkles.errors import SourceError

__all__ = ["is_passed_over", "list_folder"]

_PAGE = 1000


def is_passed_over(name: str) -> bool:
    """Whether a file is hidden: its name, or that of a folder above it, begins with a dot.

    Parameters
    ----------
    name
        The path from the listed folder on; one that ends in a slash marks a folder in S3.

    Examples
    --------
    >>> [is_passed_over(name) for name in ("a.jpg", "_DSC1.jpg", ".a.jpg", ".old/a.jpg", "old/")]
    [False, False, True, True, True]
    """
    return not name or name.endswith("/") or any(part.startswith(".") for part in name.split("/"))


def list_folder(folder: Path) -> Iterator[list[str]]:
    """List the files in a folder and below.

    Links are followed. Files in no order, as the disk has them.

    Yields
    ------
    list of str
        ``file:`` URIs with literal names, some thousand at a time.

    Raises
    ------
    SourceError
        If a folder below cannot be read: its photos would be missing without a word.
    """
    page: list[str] = []
    for path in _files(str(folder.absolute()), []):
        # A name that is no UTF-8 cannot be told; what stands for it is found nowhere: a reason.
        page.append("file:" + os.fsencode(path).decode("utf-8", "replace"))
        if len(page) == _PAGE:
            yield page
            page = []
    yield page


def _files(folder: str, above: list[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(folder)  # noqa: PTH116 (as fast as scandir, which is the point here)
        here = (status.st_dev, status.st_ino)
        if here in above:  # a link to a folder that it lies in
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_passed_over(entry.name):
                    continue
                if entry.is_dir():
                    yield from _files(entry.path, [*above, here])
                else:
                    yield entry.path
    except OSError as error:
        raise SourceError(f"photos: {error.filename} cannot be listed: {error.strerror}") from error
