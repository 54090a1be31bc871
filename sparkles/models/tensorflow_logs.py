"""TensorFlow's chatter kept from the terminal, and nothing else."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["suppress_tensorflow_logs"]

# What Abseil writes of levels below error: "I0000 00:00:17.. 1 devices.cc:76] ...".
_CHATTER = re.compile(rb"[IW]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ \S+:\d+\] |WARNING: All log messages ")


@contextmanager
def suppress_tensorflow_logs() -> Iterator[None]:
    """Leave out of this process's standard error what TensorFlow says while all goes well.

    ``TF_CPP_MIN_LOG_LEVEL`` does not reach the parts that log through Abseil. Whatever else is
    written in the block follows when it ends, errors of the C++ code included.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
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
                if not _CHATTER.match(line):
                    os.write(2, line)
