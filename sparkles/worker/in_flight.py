"""The photos that a worker is decoding, written where they can be read if the worker dies.

A worker that runs out of memory is killed and reports nothing. So each of its threads keeps the
name of its photo in a small file, mapped into memory: the kernel keeps what was written, at the
cost of copying a name.
"""

from __future__ import annotations

import contextlib
import itertools
import mmap
import os
import threading
from collections.abc import Iterator
from pathlib import Path

__all__ = ["InFlight", "left_by_the_dead"]

_PREFIX = "sparkles-in-flight-"
_SLOTS, _SLOT = 64, 512  # threads, and bytes for a name


class InFlight:
    """The journal of one process.

    Parameters
    ----------
    folder
        A folder of this application on the local disk.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = InFlight(Path(folder))
    ...     with journal.entry("a.jpg"):
    ...         print(left_by_the_dead(Path(folder)))  # this process lives
    []
    """

    def __init__(self, folder: Path) -> None:
        self._map = _mapped(folder / f"{_PREFIX}{os.getpid()}", _SLOTS * _SLOT)
        self._map[:] = bytes(_SLOTS * _SLOT)
        self._next = itertools.count()
        self._own = threading.local()

    @contextlib.contextmanager
    def entry(self, name: str) -> Iterator[None]:
        """Keep a photo's name for as long as this thread decodes it."""
        if not hasattr(self._own, "start"):
            self._own.start = next(self._next) % _SLOTS * _SLOT
        start = self._own.start
        written = name.encode("utf-8", "replace")[:_SLOT].ljust(_SLOT, b"\0")
        self._map[start : start + _SLOT] = written
        try:
            yield
        finally:
            self._map[start] = 0


def _mapped(path: Path, size: int) -> mmap.mmap | bytearray:
    """Map a new file into memory; without a disk to write to, use memory that nobody can read."""
    try:
        # Not truncated: a page that is mapped and not in the file would end the process.
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:  # noqa: PTH123
            os.posix_fallocate(file.fileno(), 0, size)  # a full disk would end the process later
            return mmap.mmap(file.fileno(), size)
    except OSError:
        return bytearray(size)


def left_by_the_dead(folder: Path, *, forget: bool = False) -> list[str]:
    """Return the photos that were being decoded in processes of this machine that have died.

    Parameters
    ----------
    folder
        See :class:`InFlight`.
    forget
        Whether to remove their journals.
    """
    names = []
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        if _is_alive(int(path.name.removeprefix(_PREFIX))):
            continue
        with contextlib.suppress(OSError):  # another process may remove it
            names += _names(path.read_bytes())
            if forget:
                path.unlink()
    return names


def _names(journal: bytes) -> list[str]:
    slots = [journal[start : start + _SLOT] for start in range(0, len(journal), _SLOT)]
    return [slot.rstrip(b"\0").decode("utf-8", "replace") for slot in slots if slot[:1] > b"\0"]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
