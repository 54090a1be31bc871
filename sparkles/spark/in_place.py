"""New outputs in S3, written under their own names: S3 has no renames, only copies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.java_errors import storage_failures

__all__ = ["refuse_incomplete", "written_in_place"]

_MARKER = "_incomplete.json"  # the name begins with _, so that Spark does not take it for a table's


@contextmanager
def written_in_place(files: FileSystem, target: str) -> Iterator[str]:
    """Write an output into a folder that does not exist yet, with a marker until it is complete.

    Parameters
    ----------
    target
        The folder, absolute.

    Yields
    ------
    str
        The same folder. It is deleted if the block raises.

    Raises
    ------
    OutputExistsError
        If another run began to write the same output at the same time.
    """
    claim = {"claim": uuid.uuid4().hex, "began": datetime.now(UTC).isoformat(timespec="seconds")}
    with storage_failures(f"the output {target} cannot be written", settings=["output"]):
        files.write_json(f"{target}/{_MARKER}", claim)
    _check_claim(files, target, claim)
    try:
        yield target
        _check_claim(files, target, claim)
    except OutputExistsError:
        raise
    except BaseException:
        if _claim_of(files, target) == claim:
            files.delete(target)
        raise
    files.delete(f"{target}/{_MARKER}")


def refuse_incomplete(files: FileSystem, path: str) -> None:
    """Refuse an output that another run writes, or wrote until it was killed.

    Raises
    ------
    OutputExistsError
        With the time when that run began.
    """
    claim = _claim_of(files, path)
    if claim:
        raise OutputExistsError(
            f"the output {path} is incomplete: a run that began at {claim.get('began', '?')} is "
            "writing it, or was killed. Choose another output, or delete this one if that run has "
            "ended",
            settings=("output",),
        )


def _claim_of(files: FileSystem, folder: str) -> dict[str, str]:
    try:
        found = files.read_json(f"{folder}/{_MARKER}")
    except (SourceError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_claim(files: FileSystem, target: str, claim: dict[str, str]) -> None:
    if _claim_of(files, target) != claim:
        raise OutputExistsError(
            f"another run began to write the output {target} at the same time; let one of them end "
            "and give the other another output",
            settings=("output",),
        )
