"""Output folders: they appear when they are complete, and replace only outputs of Sparkles."""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.storage import is_local, is_s3, local_path, split_s3

__all__ = [
    "NOTES",
    "check_can_write",
    "check_local_output",
    "check_output",
    "check_output_apart_from_inputs",
    "new_folder",
]

# Every command ends by writing one of these: they mark a folder as an output of Sparkles. If the
# folder itself is a Parquet table, the name begins with _, so that Spark skips the file.
NOTES = ("run.json", "_run.json")


@contextmanager
def new_folder(
    files: FileSystem, path: str, *, overwrite: bool, inputs: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Open a folder to write into that appears under its name only when it is complete.

    Parameters
    ----------
    files
        The file system.
    path
        Where the folder will appear.
    overwrite
        Whether to replace an earlier output; it stays until the new folder is complete.
    inputs
        The paths that the run reads; see :func:`check_output_apart_from_inputs`.

    Yields
    ------
    str
        A folder next to ``path`` to write into. It is deleted if the block raises.

    Raises
    ------
    OutputExistsError
        Before the block runs, if ``path`` overlaps with an input, or exists and may not be
        replaced.
    """
    check_output_apart_from_inputs(files, path, inputs or {})
    check_output(files, path, overwrite=overwrite)
    target = files.absolute(path).rstrip("/")
    parent, _, name = target.rpartition("/")
    draft = f"{parent}/.{name}.incomplete-{uuid.uuid4().hex[:8]}"
    try:
        yield draft
        if files.exists(target):
            check_output(files, path, overwrite=overwrite)
            replaced = f"{parent}/.{name}.replaced-{uuid.uuid4().hex[:8]}"
            files.rename(target, replaced)
            try:
                files.rename(draft, target)
            except BaseException:
                files.rename(replaced, target)
                raise
            files.delete(replaced)
        else:
            files.rename(draft, target)
    finally:
        _delete_draft(files, draft)


def _delete_draft(files: FileSystem, draft: str) -> None:
    try:
        files.delete(draft)
    except Exception:
        if not is_local(draft):
            raise
        shutil.rmtree(local_path(draft), ignore_errors=True)  # the JVM has ended


def check_output(files: FileSystem, path: str, *, overwrite: bool) -> None:
    """Refuse an output that exists, except an earlier output that may be overwritten.

    Raises
    ------
    OutputExistsError
        With the remedy.
    """
    if not files.exists(path):
        return
    ours = (
        overwrite
        and files.is_folder(path)
        and any(_is_note(_read(files, f"{path}/{note}")) for note in NOTES)
    )
    _refuse_unless(ours, path, overwrite=overwrite)


def check_local_output(path: str, *, overwrite: bool) -> None:
    """Refuse a local output as :func:`check_output` does, before Spark starts.

    Raises
    ------
    OutputExistsError
        With the remedy.
    """
    if not is_local(path) or not local_path(path).exists():
        return
    notes = [local_path(path) / note for note in NOTES]
    ours = overwrite and any(_is_note(note.read_bytes()) for note in notes if note.is_file())
    _refuse_unless(ours, path, overwrite=overwrite)


def check_can_write(path: str) -> None:
    """Refuse a local output in a folder that cannot be written to, or below a file.

    Raises
    ------
    OutputExistsError
        With the path that is in the way.
    """
    if not is_local(path):
        return
    parents = local_path(path).absolute().parents
    above = next(parent for parent in parents if parent.exists())
    if not above.is_dir():
        raise OutputExistsError(
            f"the output {path} cannot be written: {above} is a file; choose another output",
            settings=("output",),
        )
    if not os.access(above, os.W_OK | os.X_OK):
        raise OutputExistsError(
            f"the output {path} cannot be written: no permission to write to {above}; choose "
            "another output, or change the permission",
            settings=("output",),
        )


def _refuse_unless(ours: bool, path: str, *, overwrite: bool) -> None:
    if not overwrite:
        raise OutputExistsError(
            f"the output {path} exists already; choose another output, or set overwrite",
            settings=("output", "overwrite"),
        )
    if not ours:
        raise OutputExistsError(
            f"the output {path} exists and is not a folder that Sparkles wrote (it has no "
            f"{' or '.join(NOTES)} of a run), so overwrite does not replace it; choose another "
            "output, or delete it yourself",
            settings=("output",),
        )


def _read(files: FileSystem, path: str) -> str:
    try:
        return files.read_text(path)
    except (SourceError, UnicodeDecodeError):
        return ""


def _is_note(content: str | bytes) -> bool:
    """Whether this is the note that a run of Sparkles writes about itself at its end."""
    try:
        facts = json.loads(content)
        return "command" in facts and "sparkles" in facts["versions"]
    except (ValueError, TypeError, KeyError):
        return False


def check_output_apart_from_inputs(
    files: FileSystem | None, output: str, inputs: Mapping[str, str]
) -> None:
    """Refuse an output that is an input, contains one, or lies inside one.

    Links are followed, and on a local disk two spellings of one folder are the same folder.

    Parameters
    ----------
    files
        The file system; it resolves bare paths. ``None`` before Spark starts: they are local.
    output
        Where the output will appear.
    inputs
        Paths and URIs that are read, each under the name that an error message gives it.

    Raises
    ------
    OutputExistsError
        With both paths and the remedy.
    """
    target = _Place(files, output)
    for name, place in inputs.items():
        if place and (relation := _overlap(target, _Place(files, place))):
            raise OutputExistsError(
                f"the output {output} {relation} the input {place} ({name}): writing it could "
                "delete the input, or mix with it. Choose an output outside all inputs",
                settings=("output",),
            )


# A bare path, or a scheme that every Hadoop has a file system for.
_HADOOP_PATH = re.compile(r"(file|hdfs|viewfs):|(?![A-Za-z][A-Za-z0-9+.-]+:)", re.IGNORECASE)


class _Place:
    """The place that a path leads to: its parts from the root, and on a local disk the folder."""

    def __init__(self, files: FileSystem | None, path: str) -> None:
        self.local: Path | None = None
        if is_s3(path):  # s3, s3a and s3n are the same bucket
            self.parts = ("s3", *_parts("/".join(split_s3(path))))
            return
        if files is not None and _HADOOP_PATH.match(
            path
        ):  # other schemes may have no file system here
            path = files.absolute(path)
        if is_local(path):
            self.local = local_path(path).resolve()
            self.parts = self.local.parts
        else:
            scheme, _, rest = path.partition(":")
            self.parts = (scheme.lower(), *_parts(rest))

    def holds(self, other: _Place) -> bool:
        """Whether the other place is this one or lies inside it."""
        if self.local is None or other.local is None:
            return other.parts[: len(self.parts)] == self.parts
        if not self.local.exists():
            return self.local in (other.local, *other.local.parents)
        # Compare the folders themselves: a disk may ignore letter case, or be mounted twice.
        return any(
            place.exists() and place.samefile(self.local)
            for place in (other.local, *other.local.parents)
        )


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _overlap(output: _Place, place: _Place) -> str | None:
    inside, contains = place.holds(output), output.holds(place)
    if inside and contains:
        return "is"
    return "lies inside" if inside else "contains" if contains else None
