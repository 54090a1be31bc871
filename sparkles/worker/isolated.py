"""A process that decodes one photo after the other for a worker, and may die of one.

``python -m sparkles.worker.isolated`` reads requests from its standard input and writes answers to
its standard output; :mod:`sparkles.worker.isolation` is the other side.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from sparkles.errors import PhotoError
from sparkles.imaging import decode_image, read_pixels
from sparkles.imaging.attempt import attempt
from sparkles.imaging.memory import MOST_MEMORY

__all__ = ["ANSWER", "READY", "REQUEST", "serve"]

READY = b"R"
REQUEST = struct.Struct(">?IIQ")  # whether to resize, height, width, number of bytes that follow
# Height and width of the pixels that follow, or 0 and the number of bytes of an error as JSON.
ANSWER = struct.Struct(">II")

_MEMORY = 8 * MOST_MEMORY  # bytes beyond those of the interpreter; one photo may take an eighth
_SECONDS = 150.0  # for a photo; only a worker that is gone does not end its child before


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    answers.write(READY)
    answers.flush()
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        resized, height, width, size = REQUEST.unpack(head)
        content = requests.read(size)
        with _bounded():
            answer = _answer(content, resized, height, width)
        answers.write(answer)
        answers.flush()


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """End this process if a photo hangs, even if its decoder holds Python's lock."""
    faulthandler.dump_traceback_later(_SECONDS, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _answer(content: bytes, resized: bool, height: int, width: int) -> bytes:
    found = attempt(lambda: _decode(content, resized, height, width))
    if isinstance(found, PhotoError):
        error = json.dumps([found.reason, found.detail]).encode()
        return ANSWER.pack(0, len(error)) + error
    return ANSWER.pack(*found.shape[:2]) + found.tobytes()


def _decode(content: bytes, resized: bool, height: int, width: int) -> npt.NDArray[np.uint8]:
    if resized:
        return read_pixels(content, height, width)
    return np.asarray(decode_image(content, at_least=(height, width)))


def _limit_process() -> None:
    """Let this process die before others if memory runs out."""
    with contextlib.suppress(OSError, ValueError):
        Path("/proc/self/oom_score_adj").write_text("1000")
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, hard))


if __name__ == "__main__":
    _limit_process()
    # What a library prints must not get into the answers.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, channel)
