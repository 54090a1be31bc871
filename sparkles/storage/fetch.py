"""Read files by their URIs: whole, or their first bytes."""

from __future__ import annotations

import os

from sparkles.storage.head import Head
from sparkles.storage.limits import MOST_BYTES
from sparkles.storage.local import read_local, read_local_head
from sparkles.storage.s3 import read_s3, read_s3_head
from sparkles.storage.s3_client import DEFAULT_S3, S3Options
from sparkles.storage.uris import check_readable_scheme, is_http, is_local, is_s3

__all__ = ["read_bytes", "read_head"]


def read_bytes(uri: str, s3: S3Options = DEFAULT_S3, most: int | None = MOST_BYTES) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    uri
        A local path, or a ``file:``, ``s3:`` or ``http(s):`` URI. Requests to S3 use the usual
        AWS credentials, region and endpoint variables; without credentials they are anonymous.
    s3
        Options that take precedence over these variables.
    most
        The most bytes; a larger file is refused before it is read, by the size that the disk or
        the server gives. Default: 256 MB, which no photo exceeds. None for no limit.

    Raises
    ------
    StorageError
        ``missing`` if nothing is there; ``too large``; ``unreadable`` if access is denied, if it
        is no regular file (a folder, a pipe, a device), if it takes longer than two minutes, or if
        a web server is dead or has trouble with this file only.
    PassingError
        If the storage is busy, breaks off or is silent for minutes.
    SystemicError
        If other files would fail as well: the credentials, the endpoint or the disk is in trouble.

    Examples
    --------
    >>> read_bytes("nowhere/0001.jpg")
    Traceback (most recent call last):
    sparkles.errors.StorageError: nothing at nowhere/0001.jpg
    """
    if is_s3(uri):
        return read_s3(uri, s3, most)
    if is_http(uri):
        from sparkles.storage.http import read_http

        return read_http(uri, most)
    _check_scheme(uri)
    return read_local(uri, most)


def read_head(uri: str, size: int, s3: S3Options = DEFAULT_S3) -> Head:
    """Read the first bytes of a file, and no more than those.

    Parameters
    ----------
    uri, s3
        See :func:`read_bytes`.
    size
        The number of bytes, at least 1; a shorter file is read whole.

    Returns
    -------
    Head
        The bytes, and the number of bytes in the whole file.

    Raises
    ------
    StorageError
        See :func:`read_bytes`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(bytes(1000)), file.flush()
    ...     head = read_head(file.name, 16)
    >>> len(head.content), head.total
    (16, 1000)
    """
    if is_s3(uri):
        return read_s3_head(uri, size, s3)
    if is_http(uri):
        from sparkles.storage.http import read_http_head

        return read_http_head(uri, size)
    _check_scheme(uri)
    return read_local_head(uri, size)


def _check_scheme(uri: str) -> None:
    """Refuse a scheme that is not supported, if it is not part of a file's name."""
    if not is_local(uri) and not os.path.lexists(uri):
        check_readable_scheme(uri)
