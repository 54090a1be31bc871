"""What one Python worker does: fetch, decode, resize, batch, infer, all at the same time.

Threads fetch and decode ahead of the network; the network runs several batches at once; this
process's own thread only hands things on. Each stage is a few batches ahead of the next at most, so
that memory does not grow with the partition. The network is loaded once per process, whatever
the number of partitions and stages that it serves.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sparkles.choices import EngineName, Precision
from sparkles.columns import ERROR, FEATURES, PRECISION
from sparkles.errors import PhotoError
from sparkles.models.engines import Engine, Pending, load_engine
from sparkles.storage import DEFAULT_S3, S3Options
from sparkles.worker.load import PhotoKind, Pixels, load_photo, photos_of
from sparkles.worker.prefetch import chunks, prefetch

__all__ = ["FeaturizeTask", "featurize_batches"]

# Fetching waits for storage most of the time, so there are more threads than cores.
_READERS = 8
_WINDOW_BATCHES = 2  # batches of decoded photos that wait for the network at most
_ENGINES_KEPT = 2


@dataclass(frozen=True)
class FeaturizeTask:
    """All that a worker is told; small, because every task carries it.

    Attributes
    ----------
    engine, height, width
        As in :class:`~sparkles.models.NetworkArtifact`.
    network
        File name of the network, among the files that were shipped with the job.
    precision
        What to compute in.
    s3
        How to ask S3 for photos.
    kind
        What the input column holds.
    batch_size
        Photos that go through the network together.
    fail_fast
        Whether the first photo without features ends the job.
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


_Loaded = Pixels | PhotoError
_engines: OrderedDict[tuple[str, Precision], Engine] = OrderedDict()


def featurize_batches(
    batches: Iterator[pd.Series[Any] | pd.DataFrame],
    task: FeaturizeTask,
    find_file: Callable[[str], str],
) -> Iterator[pd.DataFrame]:
    """Turn batches of photos into batches of features, in the same order, row for row.

    Parameters
    ----------
    batches
        A Series of URIs or bytes, or a DataFrame of image struct fields. They are drawn no
        faster than the network works.
    task
        See :class:`FeaturizeTask`.
    find_file
        Gives the local path of a shipped file.

    Yields
    ------
    pandas.DataFrame
        ``features`` (float32 array or None), ``error`` (string or None) and ``precision`` (that of
        the features, or None), at most ``task.batch_size`` rows.

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
                lambda photo: readers.submit(_load, photo, task),
                photos,
                _WINDOW_BATCHES * task.batch_size,
            )
        ) as loaded,
    ):
        yield from prefetch(
            # The engine is asked for late: an empty partition loads nothing.
            lambda batch: _start(batch, _engine(task, find_file, threads)),
            chunks(loaded, task.batch_size),
            _in_flight(threads),
        )


def _load(photo: Any, task: FeaturizeTask) -> _Loaded:
    return load_photo(
        photo, task.kind, task.height, task.width, fail_fast=task.fail_fast, s3=task.s3
    )


@dataclass(frozen=True)
class _Batch:
    """A batch in the network: what became of each photo, and the features of the good ones."""

    errors: list[str | None]
    pending: Pending | None
    precision: Precision

    def result(self) -> pd.DataFrame:
        vectors = iter(self.pending.result() if self.pending else ())
        columns = {
            FEATURES: [next(vectors) if error is None else None for error in self.errors],
            ERROR: self.errors,
            PRECISION: [str(self.precision) if error is None else None for error in self.errors],
        }
        return pd.DataFrame(
            {name: pd.Series(column, dtype=object) for name, column in columns.items()}
        )

    def cancel(self) -> None:
        if self.pending:
            self.pending.cancel()


def _start(batch: list[_Loaded], engine: Engine) -> _Batch:
    good = [one for one in batch if not isinstance(one, PhotoError)]
    pending = engine.start(np.stack(good)) if good else None
    errors = [str(one) if isinstance(one, PhotoError) else None for one in batch]
    return _Batch(errors, pending, engine.precision)


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
    """The cores of this task: Spark tells its workers in OMP_NUM_THREADS (spark.task.cpus)."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return int(threads) if threads.isdigit() and int(threads) > 0 else None


def _in_flight(threads: int | None) -> int:
    """Batches in the network: one a thread, and one that waits for the first to be done."""
    return (threads or os.cpu_count() or 1) + 1
