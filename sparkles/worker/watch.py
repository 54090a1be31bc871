"""End a worker whose decoder hangs: a thread cannot be ended, and its task would never end."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
import time
from collections.abc import Iterator

from sparkles.redaction import redact

__all__ = ["SECONDS", "STATUS", "Watch"]

SECONDS = 120.0  # for one photo, with waiting for its turn; see sparkles.imaging.decode
STATUS = 75  # of a process that ends itself: EX_TEMPFAIL, the task is tried again
_LOOKS = 8  # within the time for a photo


class Watch:
    """Watches the photos that this process decodes, and ends it if one takes too long.

    Spark then tries the task again, with its photos in isolation. The process ends even if the
    decoder holds Python's lock.

    Examples
    --------
    >>> with Watch() as watch, watch.over("a.jpg"):
    ...     pass
    """

    def __init__(self) -> None:
        self._begun: dict[int, tuple[float, str]] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="sparkles-watch", daemon=True)

    def __enter__(self) -> Watch:
        _end_without_a_look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()

    @contextlib.contextmanager
    def over(self, name: str) -> Iterator[None]:
        """Watch this thread while it decodes a photo."""
        thread = threading.get_ident()
        self._begun[thread] = (time.monotonic(), name)
        try:
            yield
        finally:
            del self._begun[thread]

    def _look(self) -> None:
        while not self._done.wait(SECONDS / _LOOKS):
            _end_without_a_look()
            now = time.monotonic()
            for begun, name in list(self._begun.values()):
                if now - begun > SECONDS:
                    _end(name, now - begun)


def _end_without_a_look() -> None:
    """Let this process end if it is not called again, which needs Python's lock."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # there is no standard error
        faulthandler.dump_traceback_later(SECONDS, exit=True)


def _end(name: str, seconds: float) -> None:
    print(  # noqa: T201 (the executor's log)
        f"sparkles: decoding {redact(name)} has taken {seconds:.0f} s; this worker ends, and its "
        "task is tried again with its photos in isolation",
        file=sys.stderr,
        flush=True,
    )
    os._exit(STATUS)
