"""Keep TensorFlow's log messages from the terminal, except errors."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

__all__ = ["suppress_tensorflow_logs"]

# What Abseil writes below the level of errors: "I0000 00:00:17.. 1 devices.cc:76] ...".
_BELOW_ERROR = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ \S+:\d+\] |WARNING: All log messages "
)

# A process has one standard error. Two threads that redirected it at the same time would leave it
# at the file of the one that began first.
_turn = threading.RLock()


@contextmanager
def suppress_tensorflow_logs() -> Iterator[None]:
    """Remove TensorFlow's information and warnings from this process's standard error.

    ``TF_CPP_MIN_LOG_LEVEL`` has no effect on the parts that log through Abseil. What Python writes
    appears at once, for example how long a stage has run; everything else when the block ends,
    including errors of the C++ code. Threads take turns.
    """
    with _turn, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        terminal = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            with _python_writes_to(terminal):
                yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            for line in held:
                if not _BELOW_ERROR.match(line):
                    os.write(2, line)


@contextmanager
def _python_writes_to(terminal: int) -> Iterator[None]:
    """Let Python's standard error be another descriptor, unless somebody has replaced it."""
    before, replaced = sys.stderr, sys.stderr is not sys.__stderr__
    if replaced:
        yield
        return
    direct = _Direct(before, terminal)
    sys.stderr = direct
    try:
        yield
    finally:
        sys.stderr = before
        direct.terminal = None


class _Direct(io.TextIOBase):
    """Writes to a descriptor, and afterwards to a stream: loggers keep it for good."""

    def __init__(self, stream: TextIO, terminal: int) -> None:
        self._stream = stream
        self.terminal: int | None = terminal

    def write(self, text: str) -> int:
        if self.terminal is None:
            return self._stream.write(text)
        os.write(self.terminal, text.encode(self._stream.encoding, "backslashreplace"))
        return len(text)

    def flush(self) -> None:
        if self.terminal is None:
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty() if self.terminal is None else os.isatty(self.terminal)
