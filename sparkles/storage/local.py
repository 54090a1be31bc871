"""Read files on a local disk: whole, or their first bytes. Only regular files are read."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator

from sparkles.choices import StorageReason
from sparkles.errors import StorageError, SystemicError
from sparkles.storage.head import Head
from sparkles.storage.limits import Deadline, check_size, read_bounded
from sparkles.storage.uris import local_path

__all__ = ["read_local", "read_local_head"]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# A mount that went away, or a machine without files or memory to spare: any file would fail.
_TROUBLE = {
    *(errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
}


def read_local(uri: str, most: int | None) -> bytes:
    """Read a file; see :func:`~sparkles.storage.read_bytes`."""
    with _opened(uri) as (file, size):
        check_size(uri, size, most)
        return read_bounded(file.read, uri, most, Deadline(uri))


def read_local_head(uri: str, size: int) -> Head:
    """Read the first bytes of a file; see :func:`~sparkles.storage.read_head`."""
    with _opened(uri) as (file, total):
        return Head(file.read(size), total)


@contextlib.contextmanager
def _opened(uri: str) -> Iterator[tuple[io.FileIO, int]]:
    """Open a file without a buffer, which would read more; give its size."""
    try:
        path = local_path(uri)
        _check_kind(uri, path.stat().st_mode)  # first: to open a device may have effects
        # A pipe that has taken the file's place since then would block forever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:  # noqa: PTH123
            status = os.fstat(file.fileno())
            _check_kind(uri, status.st_mode)
            yield file, status.st_size
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StorageError(StorageReason.MISSING, f"nothing at {uri}") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        if getattr(error, "errno", None) in _TROUBLE:
            raise SystemicError(f"{uri}: {error}") from error
        raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error


def _check_kind(uri: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        found = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise StorageError(StorageReason.UNREADABLE, f"{uri}: expected a file, found {found}")
