"""Ignore Pillow's warnings in the threads that decode, and in no others."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ignoring_warnings"]


class _InThisThread(threading.local):
    """Stands for the pattern of module names in a filter: it matches where warnings are ignored."""

    depth = 0

    def match(self, module: str) -> bool:
        return self.depth > 0


# ``warnings.catch_warnings`` replaces the filters of the whole process. Threads that leave it in
# another order than they entered it would restore each other's filters, and those stay.
_here = _InThisThread()
_FILTER: Any = ("ignore", None, Warning, _here, 0)


@contextmanager
def ignoring_warnings() -> Iterator[None]:
    """Ignore the warnings that this thread raises in the block.

    Examples
    --------
    >>> with ignoring_warnings():
    ...     warnings.warn("of no interest", stacklevel=1)
    """
    if not any(one is _FILTER for one in warnings.filters):
        # It stays. Whoever restores earlier filters removes it, until the next block.
        warnings.filters.insert(0, _FILTER)  # type: ignore[attr-defined]
        warnings._filters_mutated()  # type: ignore[attr-defined]
    _here.depth += 1
    try:
        yield
    finally:
        _here.depth -= 1
