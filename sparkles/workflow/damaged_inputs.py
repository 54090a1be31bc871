"""Which input is damaged, where Spark reports only that a file ends too early."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from sparkles.errors import SourceError
from sparkles.spark.java_errors import cause_of, is_damage
from sparkles.storage import is_local, local_path

__all__ = ["naming_damaged_inputs"]

_CHUNK = 1 << 20


@contextmanager
def naming_damaged_inputs(inputs: Mapping[str, str]) -> Iterator[None]:
    """Name the compressed input that a job in the block failed on because it is damaged.

    Parameters
    ----------
    inputs
        Paths and URIs by the names of their settings.

    Raises
    ------
    SourceError
        With the path. A local file is read again to be sure.
    """
    try:
        yield
    except (Py4JError, PySparkException) as error:
        suspected = is_damage(error)
        found = {
            name: place for name, place in inputs.items() if _is_damaged(place, otherwise=suspected)
        }
        if not found:
            raise
        raise SourceError(
            f"{' or '.join(found.values())} cannot be read: {cause_of(error)}; copy or download "
            "the file again",
            settings=list(found),
        ) from error


def _is_damaged(place: str, *, otherwise: bool) -> bool:
    """Whether a file is compressed and cannot be read to its end.

    Parameters
    ----------
    otherwise
        What to return for a compressed file that is not on this machine.
    """
    compressed = place.lower().endswith((".gz", ".bz2"))
    if not compressed or not is_local(place) or not local_path(place).is_file():
        return compressed and otherwise
    opener = gzip.open if place.lower().endswith(".gz") else bz2.open
    try:
        with cast(IO[bytes], opener(local_path(place), "rb")) as file:
            while file.read(_CHUNK):
                pass
    except (EOFError, OSError, zlib.error):
        return True
    return False
