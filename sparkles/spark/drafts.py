"""Drafts of outputs: which run writes each, and whether that run still goes on."""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypedDict, cast

from sparkles.errors import SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.storage import is_s3

__all__ = [
    "Draft",
    "DraftNote",
    "Fate",
    "describe_process",
    "fate_of",
    "find_drafts",
    "forget",
    "keep",
    "mark_complete",
    "open_draft",
    "place_beside",
    "sweep",
]

_NOTE = "_draft.json"  # the name begins with _, so that Spark does not take it for a table's
_INCOMPLETE, _REPLACED = "incomplete", "replaced"
_PROC = Path("/proc")


class DraftNote(TypedDict):
    """Which process writes a draft."""

    host: str
    pid: int
    born: str | None
    began: str
    complete: bool


class Fate(StrEnum):
    """What became of the run that writes a draft."""

    GOES_ON = "goes on"
    ENDED = "ended"
    COMPLETE = "complete"  # ended while the draft was to get the output's name
    UNKNOWN = "unknown"  # on another machine, or without a note


@dataclass(frozen=True)
class Draft:
    """A folder beside an output that a run wrote, or still writes.

    Attributes
    ----------
    path
        The folder.
    fate
        What became of the run.
    note
        What the run noted; ``None`` if nothing can be read.
    """

    path: str
    fate: Fate
    note: DraftNote | None

    def describe(self) -> str:
        """Describe the draft and what to do about it, for the notes of another run."""
        began = f" since {self.note['began']}" if self.note else ""
        if self.fate is Fate.GOES_ON:
            return (
                f"process {self.note and self.note['pid']} is writing the same output{began}; "
                f"whichever run ends first gets the name, and the other's result is kept beside it"
            )
        if self.fate is Fate.COMPLETE:
            return f"{self.path} is the whole result of a run that was killed at its very end"
        if self.fate is Fate.ENDED:
            return f"{self.path} was left by a run that was killed; delete it, or set overwrite"
        if f".{_REPLACED}-" in self.path:
            return f"{self.path} is an earlier output that a run was replacing when it was killed"
        where = f" on {self.note['host']}" if self.note else ""
        return f"{self.path} is the draft of a run{where}{began}; delete it if that run has ended"


def open_draft(files: FileSystem, draft: str) -> None:
    """Make a folder to write an output in, with a note of this process."""
    files.write_json(f"{draft}/{_NOTE}", describe_process())


def mark_complete(files: FileSystem, draft: str) -> None:
    """Note that a draft lacks nothing but its name, so that it is never deleted for another."""
    files.write_json(f"{draft}/{_NOTE}", describe_process() | {"complete": True})


def forget(files: FileSystem, folder: str) -> None:
    """Delete the note of a draft that has got its name."""
    files.delete(f"{folder}/{_NOTE}")


def keep(files: FileSystem, draft: str, target: str) -> str:
    """Move a draft to a name beside its output that shows, and return where it is."""
    kept = place_beside(target, "kept")
    files.rename_to_new(draft, kept)
    forget(files, kept)
    return kept.removeprefix("file:")


def place_beside(target: str, word: Literal["incomplete", "replaced", "kept"]) -> str:
    """Return a new name beside an output; what is kept is not hidden."""
    parent, _, name = target.rpartition("/")
    hidden = "" if word == "kept" else "."
    return f"{parent}/{hidden}{name}.{word}-{uuid.uuid4().hex[:8]}"


def find_drafts(files: FileSystem, target: str) -> list[Draft]:
    """Find what other runs left beside an output.

    Nothing is looked for in S3, where a folder above the output may have millions of files.
    """
    parent, _, name = target.rpartition("/")
    if is_s3(target):
        return []
    found = []
    for each in files.names(parent):
        if each.startswith((f".{name}.{_INCOMPLETE}-", f".{name}.{_REPLACED}-")):
            path = f"{parent}/{each}"
            note = _read_note(files, path) if _INCOMPLETE in each else None
            found.append(Draft(path, fate_of(note), note))
    return found


def sweep(files: FileSystem, target: str, *, overwrite: bool, note: Callable[[str], None]) -> None:
    """Note what other runs left beside an output; delete what nobody writes to any more.

    A draft is deleted only if its run was a process of this machine that has ended, and the output
    may be overwritten.
    """
    for draft in find_drafts(files, target):
        if overwrite and draft.fate is Fate.ENDED:
            files.delete(draft.path)
            note(f"deleted {draft.path}, which a run that was killed had left")
        else:
            note(draft.describe())


def _read_note(files: FileSystem, draft: str) -> DraftNote | None:
    try:
        note = json.loads(files.read_text(f"{draft}/{_NOTE}"))
    except (SourceError, ValueError):
        return None
    whole = isinstance(note, dict) and note.keys() >= DraftNote.__annotations__.keys()
    return cast(DraftNote, note) if whole else None


def describe_process() -> DraftNote:
    """Describe this process so that others can find out whether it still runs."""
    return {
        "host": _host(),
        "pid": os.getpid(),
        "born": _birth(os.getpid()),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "complete": False,
    }


def fate_of(note: DraftNote | None) -> Fate:
    """Find out what became of the run that wrote a note.

    Examples
    --------
    >>> fate_of(describe_process()), fate_of(describe_process() | {"host": "another"})
    (<Fate.GOES_ON: 'goes on'>, <Fate.UNKNOWN: 'unknown'>)
    """
    if note is None or note["host"] != _host():
        return Fate.UNKNOWN
    if _is_alive(note["pid"]) and note["born"] in (None, _birth(note["pid"])):
        return Fate.GOES_ON
    return Fate.COMPLETE if note["complete"] else Fate.ENDED


def _host() -> str:
    """Return what is the same for all processes that can see each other, and for no others.

    Containers may share a host's name and not its processes, and a machine may be started again.
    """
    parts = [platform.node()]
    for place in ("sys/kernel/random/boot_id", "self/ns/pid"):
        path = _PROC / place
        try:
            parts.append(str(path.readlink()) if path.is_symlink() else path.read_text().strip())
        except OSError:  # not on Linux
            continue
    return " ".join(parts)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # which sends nothing
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def _birth(pid: int) -> str | None:
    """Return when a process began, in the kernel's ticks: a later one may have the same number."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field, the program's name in parentheses, may contain anything.
    return stat.rpartition(")")[2].split()[19]
