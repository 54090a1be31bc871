"""What one Python worker does: fetch, decode, resize, infer, in small batches.

Photos come in as URIs, encoded bytes or image structs and leave as vectors. Only a window of a
few batches is held at any time, whatever the size of the partition, and the network is loaded
once per process, whatever the number of partitions and stages that it serves.
"""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sparkles.columns import EngineName, Reason
from sparkles.errors import FeaturizationError, PhotoError, SparklesError
from sparkles.imaging import decode_image, resize_image, struct_to_image
from sparkles.models.engines import Engine, load_engine
from sparkles.storage import read_bytes

__all__ = ["FeaturizeTask", "HandleInvalid", "PhotoKind", "featurize_batches"]

_READERS = 4  # threads that fetch and decode while the network runs
_WINDOW_BATCHES = 2  # batches of decoded photos that wait for the network at most
_ENGINES_KEPT = 2


class PhotoKind(StrEnum):
    """What the input column holds."""

    URI = "uri"
    BYTES = "bytes"
    STRUCT = "struct"


class HandleInvalid(StrEnum):
    """What becomes of a photo that gives no features."""

    ERROR = "error"
    SKIP = "skip"
    KEEP = "keep"


@dataclass(frozen=True)
class FeaturizeTask:
    """All that a worker is told; small, because every task carries it.

    Attributes
    ----------
    engine, height, width
        As in :class:`~sparkles.models.NetworkArtifact`.
    network
        File name of the network, among the files that were shipped with the job.
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


_Pixels = npt.NDArray[np.uint8]
_Loaded = _Pixels | PhotoError
_engines: OrderedDict[str, Engine] = OrderedDict()


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
        ``features`` (float32 array or None) and ``error`` (string or None), at most
        ``task.batch_size`` rows.

    Raises
    ------
    FeaturizationError
        If ``task.fail_fast`` and a photo gives no features.
    """
    photos = (photo for batch in batches for photo in _rows(batch))
    engine: Engine | None = None
    with ThreadPoolExecutor(_READERS, thread_name_prefix="sparkles-reader") as readers:
        loaded = _load_ahead(photos, task, readers)
        while batch := list(islice(loaded, task.batch_size)):
            if engine is None:  # an empty partition loads nothing
                engine = _engine(task, find_file)
            yield _featurize(batch, engine)


def _rows(batch: pd.Series[Any] | pd.DataFrame) -> Iterable[Any]:
    if isinstance(batch, pd.DataFrame):
        columns = [batch[name] for name in batch.columns]
        return (dict(zip(batch.columns, row, strict=True)) for row in zip(*columns, strict=True))
    return batch


def _load_ahead(
    photos: Iterator[Any], task: FeaturizeTask, readers: ThreadPoolExecutor
) -> Iterator[_Loaded]:
    """Load photos in threads, in order, never more than the window ahead of the network."""
    window: deque[Future[_Loaded]] = deque()
    try:
        for photo in photos:
            window.append(readers.submit(_load, photo, task))
            if len(window) >= _WINDOW_BATCHES * task.batch_size:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        for future in window:
            future.cancel()


def _load(photo: Any, task: FeaturizeTask) -> _Loaded:
    try:
        return _pixels(photo, task)
    except PhotoError as error:
        problem = error
    except SparklesError:
        raise  # a missing package is no fault of the photo
    except Exception as error:  # noqa: BLE001
        # A decoder's own bug on one photo must not end a job of millions.
        problem = PhotoError(Reason.CORRUPT, f"{type(error).__name__}: {error}")
    if task.fail_fast:
        raise FeaturizationError(
            f"{_describe(photo, task.kind)}: {problem}. Set handleInvalid to 'keep' (null "
            "features, the reason in errorCol) or 'skip' to go on without such photos"
        ) from problem
    return problem


def _pixels(photo: Any, task: FeaturizeTask) -> _Pixels:
    if task.kind is PhotoKind.STRUCT:
        picture = struct_to_image(_present_struct(photo))
    elif task.kind is PhotoKind.BYTES:
        picture = decode_image(photo)
    elif not photo:
        raise PhotoError(Reason.NO_PHOTO, "the URI is null or empty")
    else:
        picture = decode_image(read_bytes(photo))
    return resize_image(picture, task.height, task.width)


def _present_struct(photo: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Arrow spreads a null struct over its fields."""
    return None if photo.get("data") is None else photo


def _describe(photo: Any, kind: PhotoKind) -> str:
    if kind is PhotoKind.URI:
        return f"photo {photo}"
    if kind is PhotoKind.STRUCT:
        return f"photo {photo.get('origin') or '(image struct without origin)'}"
    return f"photo of {len(photo or b''):,} bytes"


def _featurize(batch: list[_Loaded], engine: Engine) -> pd.DataFrame:
    features: list[npt.NDArray[np.float32] | None] = [None] * len(batch)
    good = {row: one for row, one in enumerate(batch) if not isinstance(one, PhotoError)}
    if good:
        vectors = engine.features(np.stack(list(good.values())))
        for row, vector in zip(good, vectors, strict=True):
            features[row] = vector
    errors = [str(loaded) if isinstance(loaded, PhotoError) else None for loaded in batch]
    return pd.DataFrame(
        {"features": pd.Series(features, dtype=object), "error": pd.Series(errors, dtype=object)}
    )


def _engine(task: FeaturizeTask, find_file: Callable[[str], str]) -> Engine:
    if task.network not in _engines:
        while len(_engines) >= _ENGINES_KEPT:
            _engines.popitem(last=False)
        path = Path(find_file(task.network))
        _engines[task.network] = load_engine(task.engine, path, _threads())
    _engines.move_to_end(task.network)
    return _engines[task.network]


def _threads() -> int | None:
    """The cores of this task: Spark tells its workers in OMP_NUM_THREADS (spark.task.cpus)."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return int(threads) if threads.isdigit() and int(threads) > 0 else None
