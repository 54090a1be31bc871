"""How a worker decodes photos: in its own process, or, after a worker died, in a child of it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from sparkles.imaging import decode_image, read_pixels
from sparkles.redaction import redact
from sparkles.worker.in_flight import InFlight, left_by_the_dead
from sparkles.worker.isolation import Isolation
from sparkles.worker.watch import Watch

__all__ = ["PLAIN", "Attempt", "Decoder", "decoder_for"]

_Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Attempt:
    """Which attempt of a Spark task this is.

    Attributes
    ----------
    number
        0 for the first.
    folder
        A folder of the application on the local disk.
    """

    number: int
    folder: str


class Decoder:
    """Decodes in this process and watches nothing, as is enough on the driver."""

    def pixels(self, name: str, content: bytes | None, height: int, width: int) -> _Pixels:
        """Do what :func:`~sparkles.imaging.read_pixels` does for the photo of a name."""
        return read_pixels(content, height, width)

    def picture(self, name: str, content: bytes | None, at_least: tuple[int, int]) -> Image.Image:
        """Do what :func:`~sparkles.imaging.decode_image` does for the photo of a name."""
        return decode_image(content, at_least=at_least)


PLAIN = Decoder()


class _Watched(Decoder):
    def __init__(self, journal: InFlight, watch: Watch) -> None:
        self._journal, self._watch = journal, watch

    def pixels(self, name: str, content: bytes | None, height: int, width: int) -> _Pixels:
        with self._journal.entry(name), self._watch.over(name):
            return super().pixels(name, content, height, width)

    def picture(self, name: str, content: bytes | None, at_least: tuple[int, int]) -> Image.Image:
        with self._journal.entry(name), self._watch.over(name):
            return super().picture(name, content, at_least)


class _Isolated(Decoder):
    def __init__(self, journal: InFlight, isolation: Isolation) -> None:
        self._journal, self._isolation = journal, isolation

    def pixels(self, name: str, content: bytes | None, height: int, width: int) -> _Pixels:
        if not content:
            return super().pixels(name, content, height, width)
        with self._journal.entry(name):
            return self._isolation.decode(content, height, width)

    def picture(self, name: str, content: bytes | None, at_least: tuple[int, int]) -> Image.Image:
        if not content:
            return super().picture(name, content, at_least)
        with self._journal.entry(name):
            return Image.fromarray(self._isolation.decode(content, *at_least, resized=False))


@contextlib.contextmanager
def decoder_for(attempt: Attempt | None) -> Iterator[Decoder]:
    """Give the decoder for an attempt of a task.

    The first attempt decodes in the worker, watched: if a photo hangs, the process ends. Further
    attempts decode in a child process, because a photo may have killed the worker.

    Parameters
    ----------
    attempt
        None where there is no Spark task.

    Examples
    --------
    >>> with decoder_for(None) as decoder:
    ...     decoder is PLAIN
    True
    """
    if attempt is None:
        yield PLAIN
        return
    folder = Path(attempt.folder)
    if attempt.number == 0:
        with Watch() as watch:
            yield _Watched(_journal(folder, os.getpid()), watch)
        return
    _report(left_by_the_dead(folder, forget=True))
    with contextlib.closing(Isolation()) as isolation:
        yield _Isolated(_journal(folder, os.getpid()), isolation)


@functools.cache
def _journal(folder: Path, process: int) -> InFlight:
    return InFlight(folder)


def _report(names: list[str]) -> None:
    if names:
        print(  # noqa: T201 (the executor's log)
            f"sparkles: a worker died while it decoded {redact(', '.join(names))}; photos are now "
            "decoded in a process of their own",
            file=sys.stderr,
            flush=True,
        )
