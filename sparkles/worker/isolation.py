"""Decode photos in a child process, so that one that kills or hangs the decoder costs one row."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from sparkles.choices import Reason
from sparkles.errors import PhotoError, SystemicError
from sparkles.worker.isolated import ANSWER, READY, REQUEST

__all__ = ["SECONDS", "Isolation"]

SECONDS = 60.0  # for one photo; the largest that are allowed take about five
_START_SECONDS = 120.0  # for an interpreter on a busy machine


class Isolation:
    """Runs a child process that decodes photos, one at a time, and starts another if it dies.

    Threads may share it. The child is started with the first photo.

    Examples
    --------
    >>> isolation = Isolation()
    >>> isolation.decode(b"no photo", 8, 8)
    Traceback (most recent call last):
    sparkles.errors.PhotoError: not an image: 8 bytes of an unknown format; expected JPEG, MPO, PNG,
    WebP, BMP, GIF or TIFF
    >>> isolation.close()
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def decode(
        self, content: bytes, height: int, width: int, *, resized: bool = True
    ) -> npt.NDArray[np.uint8]:
        """Decode a photo.

        Parameters
        ----------
        content
            The encoded file, not empty.
        height, width
            Size of the result, or if it is not ``resized``, the size that is enough.

        Returns
        -------
        numpy.ndarray
            uint8, shape ``(h, w, 3)``, RGB.

        Raises
        ------
        PhotoError
            See :func:`~sparkles.imaging.decode_image`; ``corrupt`` if the child dies of the photo
            or has not decoded it after a minute.
        SystemicError
            If the child does not start.
        """
        with self._turn:
            child = self._running()
            found = self._ask(child, REQUEST.pack(resized, height, width, len(content)), content)
        if isinstance(found, PhotoError):
            raise found
        return found

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", pipe).close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            command = [sys.executable, "-P", "-m", "sparkles.worker.isolated"]
            paths = os.pathsep.join(path for path in sys.path if path)
            environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
            pipe = subprocess.PIPE
            try:
                self._child = subprocess.Popen(
                    command, stdin=pipe, stdout=pipe, env=environment, bufsize=0
                )
            except OSError as error:
                raise SystemicError(f"no process to decode photos in: {error}") from error
            try:
                _read(self._child, len(READY), _START_SECONDS)
            except (EOFError, TimeoutError) as error:
                self.close()
                raise SystemicError("the process to decode photos in does not start") from error
        return self._child

    def _ask(
        self, child: subprocess.Popen[bytes], *parts: bytes
    ) -> npt.NDArray[np.uint8] | PhotoError:
        try:
            for part in parts:
                _write(child, part)
            end = time.monotonic() + SECONDS
            height, width = ANSWER.unpack(_read(child, ANSWER.size, SECONDS))
            size = 3 * height * width or width
            answer = _read(child, size, end - time.monotonic())
        except TimeoutError:
            self.close()
            return PhotoError(Reason.CORRUPT, f"the decoder did not end within {SECONDS:g} s")
        except (EOFError, OSError):
            child.wait()
            self.close()
            return PhotoError(Reason.CORRUPT, _death(child.returncode))
        if height:
            return np.frombuffer(answer, np.uint8).reshape(height, width, 3)
        return PhotoError(*json.loads(answer))


def _death(status: int) -> str:
    if status >= 0:
        return f"the decoder ended its process with status {status}"
    perhaps = ", perhaps out of memory" if status == -9 else ""
    return f"the decoder was killed by signal {-status}{perhaps}"


def _write(child: subprocess.Popen[bytes], content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[cast("IO[bytes]", child.stdin).write(rest) :]


def _read(child: subprocess.Popen[bytes], size: int, seconds: float) -> bytes:
    """Read from a child.

    Raises
    ------
    TimeoutError
        If it takes longer.
    EOFError
        If the child has died.
    """
    end = time.monotonic() + seconds
    pipe, parts, missing = cast("IO[bytes]", child.stdout), [], size
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while missing:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError
            part = pipe.read(min(missing, 1024**2))
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
    return b"".join(parts)
