"""Overlays as files, written by the workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import OVERLAY
from sparkles.storage import S3Options, write_bytes

__all__ = ["PLACE", "write_overlays"]

PLACE = "place"  # string: the path of an overlay below the output
_WRITTEN = "written"


def write_overlays(overlays: DataFrame, folder: str, s3: S3Options) -> int:
    """Write each overlay to its place; return how many there are.

    A task that is tried again writes the same files again.

    Parameters
    ----------
    overlays
        ``place`` string, ``overlay`` binary.
    folder
        A local folder or one in S3, which the workers also see.

    Raises
    ------
    StorageError, PassingError, SystemicError
        In the worker, if a file cannot be written; the job then ends.
    """

    def write(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            places, contents = batch.column(0).to_pylist(), batch.column(1).to_pylist()
            for place, content in zip(places, contents, strict=True):
                write_bytes(f"{folder}/{place}", content, s3)
            yield pa.RecordBatch.from_pydict({_WRITTEN: pa.array([len(places)], pa.int64())})

    job: Any = write
    written = overlays.select(PLACE, OVERLAY).mapInArrow(job, f"{_WRITTEN} long")
    return int(written.agg(F.coalesce(F.sum(_WRITTEN), F.lit(0))).collect()[0][0])
