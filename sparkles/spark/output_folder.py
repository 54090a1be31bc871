"""Output folders: they appear when they are complete, and replace only outputs of Sparkles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.drafts import forget, keep, mark_complete, open_draft, place_beside, sweep
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.in_place import refuse_incomplete, written_in_place
from sparkles.spark.java_errors import storage_failures
from sparkles.spark.output_place import check_name, check_output_apart_from_inputs
from sparkles.storage import is_local, is_s3, local_path

__all__ = ["NOTES", "check_local_output", "check_output", "new_folder"]

# Every command ends by writing one of these: they mark a folder as an output of Sparkles. If the
# folder itself is a Parquet table, the name begins with _, so that Spark skips the file.
NOTES = ("run.json", "_run.json")


@contextmanager
def new_folder(
    files: FileSystem,
    path: str,
    *,
    overwrite: bool,
    inputs: Mapping[str, str] | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Iterator[str]:
    """Open a folder to write into that appears under its name only when it is complete.

    Parameters
    ----------
    files
        The file system.
    path
        Where the folder will appear; a link is followed.
    overwrite
        Whether to replace an earlier output; it stays until the new folder is complete. Whatever
        appears there meanwhile is not replaced.
    inputs
        The paths that the run reads; see :func:`check_output_apart_from_inputs`.
    note
        Takes what a user should know about drafts of other runs for the same output.

    Yields
    ------
    str
        A folder next to ``path`` to write into, or in S3, where renames are copies, the folder
        itself if it does not exist yet. It is deleted if the block raises.

    Raises
    ------
    OutputExistsError
        Before the block runs, if ``path`` cannot be written, overlaps with an input, or exists and
        may not be replaced. After it, if another output appeared there meanwhile; the folder is
        then kept, and the error names it.
    """
    check_name(path)
    check_output_apart_from_inputs(files, path, inputs or {})
    with storage_failures(f"the output {path} cannot be written", settings=["output"]):
        if is_s3(path):
            refuse_incomplete(files, path)
        check_output(files, path, overwrite=overwrite)
        target = _target(files, path)
        replaceable = _stamp(files, target)
        sweep(files, target, overwrite=overwrite, note=note)
    if is_s3(path) and replaceable is None:
        with written_in_place(files, target) as folder:
            yield folder
        return
    draft, complete = place_beside(target, "incomplete"), False
    try:
        with storage_failures(f"the output {path} cannot be written", settings=["output"]):
            open_draft(files, draft)
        yield draft
        complete = True  # a complete result is never thrown away, whatever happens to its name
        with storage_failures(f"the complete output {draft} cannot be moved to {path}"):
            mark_complete(files, draft)
            _give_name(files, draft, target, path, replaceable)
    finally:
        if not complete:
            _delete_draft(files, draft)


def _target(files: FileSystem, path: str) -> str:
    """Return the absolute path of an output; the folder that a link leads to."""
    target = files.absolute(path).rstrip("/")
    local = files.local(target)
    if local is not None and local.is_symlink():
        return files.absolute(str(local.resolve()))
    return target


def _stamp(files: FileSystem, target: str) -> tuple[str, ...] | None:
    """Return what tells one output from a later one of the same name; ``None`` if there is none."""
    if not files.exists(target):
        return None
    return tuple(_read(files, f"{target}/{note}") for note in NOTES)  # they have times in them


def _give_name(
    files: FileSystem, draft: str, target: str, path: str, replaceable: tuple[str, ...] | None
) -> None:
    """Move a complete draft to its name, in place of the output that stood there at the start.

    Raises
    ------
    OutputExistsError
        If another output has appeared meanwhile.
    """
    replaced = None
    if files.exists(target):
        replaced = place_beside(target, "replaced")
        if _stamp(files, target) != replaceable:
            raise _taken(files, draft, target, path)
        files.rename(target, replaced)
        if _stamp(files, replaced) != replaceable:  # another run was between the two steps
            files.rename_to_new(replaced, target)
            raise _taken(files, draft, target, path)
    try:
        files.rename_to_new(draft, target)
    except OutputExistsError:
        raise _taken(files, draft, target, path) from None
    except BaseException:
        if replaced is not None:
            files.rename_to_new(replaced, target)
        raise
    forget(files, target)
    if replaced is not None:
        files.delete(replaced)


def _taken(files: FileSystem, draft: str, target: str, path: str) -> OutputExistsError:
    kept = keep(files, draft, target)
    return OutputExistsError(
        f"the output {path} appeared while this run was working, so another run wrote it, and it "
        f"was not replaced. The whole result of this run is kept in {kept}; rename it, or choose "
        "another output next time",
        settings=("output",),
    )


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
