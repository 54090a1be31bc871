"""Keep TensorFlow's log messages from the terminal, except errors."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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

    ``TF_CPP_MIN_LOG_LEVEL`` has no effect on the parts that log through Abseil. Everything else
    that the block writes appears when it ends, including errors of the C++ code. Threads take
    turns.
    """
    with _turn, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        terminal = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            for line in held:
                if not _BELOW_ERROR.match(line):
                    os.write(2, line)
