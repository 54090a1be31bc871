"""Errors of the storage, as errors of the input that a user named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sparkles.errors import SourceError, StorageError

__all__ = ["storage_errors_as"]


@contextmanager
def storage_errors_as(what: str) -> Iterator[None]:
    """Turn the storage's errors into a SourceError that names what was looked for.

    Parameters
    ----------
    what
        What the block reads or lists, for example ``photos``.

    Raises
    ------
    SourceError
        If the block raises :class:`~sparkles.errors.StorageError`.

    Examples
    --------
    >>> from sparkles.storage import read_bytes
    >>> with storage_errors_as("photos"):
    ...     read_bytes("nowhere/0001.jpg")
    Traceback (most recent call last):
    sparkles.errors.SourceError: photos: nothing at nowhere/0001.jpg
    """
    try:
        yield
    except StorageError as error:
        raise SourceError(f"{what}: {error}") from error
