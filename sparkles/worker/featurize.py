"""What one Python worker does: fetch, decode, resize, batch and infer, all at the same time.

Threads fetch and decode ahead of the network; the network runs several batches at once; the main
thread only passes results on. Each step is at most a few batches ahead of the next, so memory does
not grow with the partition. A process loads the network once, however many partitions and stages
it serves.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sparkles.choices import EngineName, Precision
from sparkles.columns import ERROR, FEATURES, PRECISION, SHA256
from sparkles.errors import PhotoError
from sparkles.models.engines import Engine, Pending, load_engine
from sparkles.storage import DEFAULT_S3, S3Options
from sparkles.worker.decoder import PLAIN, Decoder
from sparkles.worker.load import (
    HashedPhoto,
    Photo,
    PhotoBatch,
    PhotoKind,
    load_hashed_photo,
    photos_of,
)
from sparkles.worker.prefetch import chunks, prefetch

__all__ = ["FeaturizeTask", "featurize_batches"]

# Threads wait for storage most of the time, so there are more of them than cores.
_READERS = 8
_WINDOW_BATCHES = 2  # at most so many batches of decoded photos wait for the network
_ENGINES_KEPT = 2


@dataclass(frozen=True)
class FeaturizeTask:
    """What a worker needs to know; small, because every Spark task carries it.

    Attributes
    ----------
    engine, height, width
        See :class:`~sparkles.models.NetworkArtifact`.
    network
        File name of the network, which Spark ships to the worker.
    kind
        What the input column holds.
    batch_size
        Number of photos that go through the network together.
    fail_fast
        Whether the first photo without features ends the job.
    precision
        What to compute in.
    s3
        How to request photos from S3.
    """

    engine: EngineName
    network: str
    height: int
    width: int
    kind: PhotoKind
    batch_size: int
    fail_fast: bool
    precision: Precision = Precision.AUTO
    s3: S3Options = DEFAULT_S3


_engines: OrderedDict[tuple[str, Precision], Engine] = OrderedDict()


def featurize_batches(
    batches: Iterator[PhotoBatch],
    task: FeaturizeTask,
    find_file: Callable[[str], str],
    decoder: Decoder = PLAIN,
) -> Iterator[pd.DataFrame]:
    """Compute the features of batches of photos, in the same order, row for row.

    Parameters
    ----------
    batches
        Series of URIs or bytes, or DataFrames of image struct fields. They are read no faster
        than the network works.
    task
        See :class:`FeaturizeTask`.
    find_file
        Returns the local path of a shipped file.
    decoder
        Of :func:`~sparkles.worker.decoder.decoder_for` in a Spark task.

    Yields
    ------
    pandas.DataFrame
        At most ``task.batch_size`` rows of ``features`` (float32 array or None), ``error`` (string
        or None), ``precision`` (of the features, or None) and ``sha256`` (of the photo's bytes, or
        None if it has none).

    Raises
    ------
    FeaturizationError
        If ``task.fail_fast`` and a photo gives no features.
    PrecisionError
        If this machine cannot compute in ``task.precision``.
    """
    photos = (photo for batch in batches for photo in photos_of(batch))
    threads = _threads()
    with (
        ThreadPoolExecutor(_READERS, thread_name_prefix="sparkles-reader") as readers,
        closing(
            prefetch(
                lambda photo: readers.submit(_load, photo, task, decoder),
                photos,
                _WINDOW_BATCHES * task.batch_size,
            )
        ) as loaded,
    ):
        yield from prefetch(
            # The engine is loaded with the first batch: an empty partition loads nothing.
            lambda batch: _start(batch, _engine(task, find_file, threads)),
            chunks(loaded, task.batch_size),
            _in_flight(threads),
        )


def _load(photo: Photo, task: FeaturizeTask, decoder: Decoder) -> HashedPhoto:
    size = (task.height, task.width)
    return load_hashed_photo(
        photo, task.kind, *size, fail_fast=task.fail_fast, s3=task.s3, decoder=decoder
    )


@dataclass(frozen=True)
class _Batch:
    """A batch in the network: errors of bad photos, features of good ones to come, and hashes."""

    errors: list[str | None]
    hashes: list[str | None]
    pending: Pending | None
    precision: Precision

    def result(self) -> pd.DataFrame:
        vectors = iter(self.pending.result() if self.pending else ())
        columns = {
            FEATURES: [next(vectors) if error is None else None for error in self.errors],
            ERROR: self.errors,
            PRECISION: [str(self.precision) if error is None else None for error in self.errors],
            SHA256: self.hashes,
        }
        return pd.DataFrame(
            {name: pd.Series(column, dtype=object) for name, column in columns.items()}
        )

    def cancel(self) -> None:
        if self.pending:
            self.pending.cancel()


def _start(batch: list[HashedPhoto], engine: Engine) -> _Batch:
    found = [one.pixels for one in batch]
    good = [pixels for pixels in found if not isinstance(pixels, PhotoError)]
    pending = engine.start(np.stack(good)) if good else None
    errors = [str(one) if isinstance(one, PhotoError) else None for one in found]
    return _Batch(errors, [one.sha256 for one in batch], pending, engine.precision)


def _engine(task: FeaturizeTask, find_file: Callable[[str], str], threads: int | None) -> Engine:
    key = (task.network, task.precision)
    if key not in _engines:
        while len(_engines) >= _ENGINES_KEPT:
            _engines.popitem(last=False)
        path = Path(find_file(task.network))
        _engines[key] = load_engine(task.engine, path, threads, task.precision)
    _engines.move_to_end(key)
    return _engines[key]


def _threads() -> int | None:
    """Return the cores of this task, which Spark sets as OMP_NUM_THREADS (spark.task.cpus)."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return int(threads) if threads.isdigit() and int(threads) > 0 else None


def _in_flight(threads: int | None) -> int:
    """Return the batches in the network at once: one for each thread, and one that waits."""
    return (threads or os.cpu_count() or 1) + 1
