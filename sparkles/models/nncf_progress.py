"""Hide NNCF's progress bars in one thread, without touching the process's standard output."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["no_progress_bars"]


class _Here(threading.local):
    depth = 0


_here = _Here()


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Show none of NNCF's progress bars that this thread opens in the block.

    NNCF passes no option on to them. Replacing ``sys.stdout`` meanwhile would concern all threads:
    two that do so at the same time leave the file of one, closed, as the other's output.
    """
    _let_threads_disable_bars()
    _here.depth += 1
    try:
        yield
    finally:
        _here.depth -= 1


@functools.cache
def _let_threads_disable_bars() -> None:
    from nncf.common.logging.track_progress import track

    build = track.__init__

    @functools.wraps(build)
    def build_here(bar: Any, *args: Any, **options: Any) -> None:
        if _here.depth:
            options["disable"] = True
        build(bar, *args, **options)

    track.__init__ = build_here
