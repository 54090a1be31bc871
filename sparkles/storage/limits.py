"""What reading one file may cost: bytes, and seconds from the first request to the last byte."""

from __future__ import annotations

import time
from collections.abc import Callable

from sparkles.choices import StorageReason
from sparkles.errors import StorageError

__all__ = ["MOST_BYTES", "Deadline", "check_size", "read_bounded"]

# The largest photos are scans of 100 to 200 MB. What is larger is a film, an archive or a disk
# image with the name of a photo, and eight threads of a worker would hold it at the same time.
MOST_BYTES = 256 * 1024**2

_SECONDS = 120.0  # for one file; retries of a busy storage have a time limit of their own
_CHUNK = 1024**2


class Deadline:
    """The moment by which a file must be complete, however steadily its bytes come.

    Timeouts of sockets count from byte to byte, so a server that sends a byte a second never
    exceeds them.

    Parameters
    ----------
    uri
        The file, for the error.
    seconds
        How long the file may take; default: two minutes.

    Examples
    --------
    >>> 0 < Deadline("https://host/1.jpg", 5).left() <= 5
    True
    >>> Deadline("https://host/1.jpg", 0).check()
    Traceback (most recent call last):
    sparkles.errors.StorageError: https://host/1.jpg: not complete after 0 s
    """

    def __init__(self, uri: str, seconds: float | None = None) -> None:
        self._uri, self._seconds = uri, _SECONDS if seconds is None else seconds
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return the seconds that are left, for a socket's timeout.

        Raises
        ------
        StorageError
            ``unreadable`` if there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            detail = f"{self._uri}: not complete after {self._seconds:g} s"
            raise StorageError(StorageReason.UNREADABLE, detail)
        return left

    def check(self) -> None:
        """Raise the error of :meth:`left` if no time is left."""
        self.left()


def check_size(uri: str, size: int | None, most: int | None) -> None:
    """Refuse a file before its bytes are read.

    Parameters
    ----------
    size
        In bytes, from ``stat`` or ``Content-Length``; None if it is not known.
    most
        The most bytes; None for no limit.

    Raises
    ------
    StorageError
        ``too large``.

    Examples
    --------
    >>> check_size("film.jpg", 10_000_000_000, MOST_BYTES)
    Traceback (most recent call last):
    sparkles.errors.StorageError: film.jpg: 10,000,000,000 bytes, more than 268,435,456
    """
    if most is not None and size is not None and size > most:
        detail = f"{uri}: {size:,} bytes, more than {most:,}"
        raise StorageError(StorageReason.TOO_LARGE, detail)


def read_bounded(
    read: Callable[[int], bytes], uri: str, most: int | None, deadline: Deadline
) -> bytes:
    """Read a stream to its end, but no further than the limit, and no longer than the deadline.

    Parameters
    ----------
    read
        Returns at most so many bytes, and none at the end. It should return what has arrived and
        not wait for the rest, as ``read1`` of :class:`http.client.HTTPResponse` does.
    uri, most
        See :func:`check_size`; a server may give no size, or a wrong one.

    Raises
    ------
    StorageError
        ``too large``, or ``unreadable`` after the deadline.

    Examples
    --------
    >>> import io
    >>> read_bounded(io.BytesIO(b"photo").read, "1.jpg", 5, Deadline("1.jpg"))
    b'photo'
    >>> read_bounded(io.BytesIO(b"photo").read, "1.jpg", 4, Deadline("1.jpg"))
    Traceback (most recent call last):
    sparkles.errors.StorageError: 1.jpg: more than 4 bytes
    """
    parts, total = [], 0
    while part := read(_CHUNK):
        parts.append(part)
        total += len(part)
        if most is not None and total > most:
            raise StorageError(StorageReason.TOO_LARGE, f"{uri}: more than {most:,} bytes")
        deadline.check()
    return b"".join(parts)
