"""Read files by their URIs: whole, or their first bytes."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

from sparkles.choices import StorageReason
from sparkles.errors import StorageError
from sparkles.storage.head import Head, byte_range, total_of
from sparkles.storage.limits import MOST_BYTES, Deadline, check_size, read_bounded
from sparkles.storage.local import read_local, read_local_head
from sparkles.storage.retry import retry
from sparkles.storage.s3 import read_s3, read_s3_head
from sparkles.storage.s3_client import DEFAULT_S3, S3Options
from sparkles.storage.uris import is_http, is_s3

__all__ = ["read_bytes", "read_head"]

_Read = TypeVar("_Read")

_HTTP_TIMEOUT = 30.0  # seconds
_BUSY = (429, 500, 502, 503, 504)  # statuses that may be different at the next attempt


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
        is no regular file (a folder, a pipe, a device), or if it takes longer than two minutes.
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
        deadline = Deadline(uri)
        return _read_http(uri, lambda answer: _body(answer, uri, most, deadline))
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
        return _read_http(uri, lambda answer: _head(answer, size), byte_range(size))
    return read_local_head(uri, size)


def _body(answer: Any, uri: str, most: int | None, deadline: Deadline) -> bytes:
    size = int(answer.headers.get("Content-Length") or 0)
    check_size(uri, size, most)
    content = read_bounded(answer.read1, uri, most, deadline)
    if len(content) < size:
        raise http.client.IncompleteRead(content, size - len(content))
    return content


def _head(answer: Any, size: int) -> Head:
    """Read the answer to a request for a range; servers without ranges send the whole file."""
    whole = int(answer.headers.get("Content-Length") or 0) or None
    total = total_of(answer.headers.get("Content-Range")) if answer.status == 206 else whole
    content: bytes = answer.read(size)
    if total is not None and len(content) < min(size, total):
        raise http.client.IncompleteRead(content, min(size, total) - len(content))
    return Head(content, len(content) if total is None else total)


class _BusyError(Exception):
    """The server asks the client to try again later."""


def _read_http(uri: str, read: Callable[[Any], _Read], asked_range: str | None = None) -> _Read:
    errors = (_BusyError, OSError, http.client.HTTPException)
    try:
        return retry(lambda: _ask(uri, read, asked_range), errors)
    except (*errors, ValueError) as error:
        # HTTPException: the body breaks off. ValueError: the URI is malformed.
        raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error


def _ask(uri: str, read: Callable[[Any], _Read], asked_range: str | None) -> _Read:
    request = urllib.request.Request(uri)
    if asked_range:
        request.add_header("Range", asked_range)
    try:
        with urllib.request.urlopen(request, timeout=_HTTP_TIMEOUT) as answer:
            return read(answer)
    except urllib.error.HTTPError as error:
        if error.code in _BUSY:
            raise _BusyError(f"HTTP {error.code} {error.reason}") from error
        if error.code == 416 and asked_range:  # an empty file has no first byte
            return _ask(uri, read, None)
        absent = error.code in (404, 410)
        reason = StorageReason.MISSING if absent else StorageReason.UNREADABLE
        raise StorageError(reason, f"{uri}: HTTP {error.code} {error.reason}") from error
