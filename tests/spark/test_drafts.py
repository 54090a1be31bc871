"""Drafts of runs that were killed are found, and deleted only where that is certain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkles.spark.drafts import Fate, describe_process, fate_of, find_drafts, sweep
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.output_folder import new_folder
from tests.spark.conftest import names_in

_ANOTHER = (
    "import json; from sparkles.spark.drafts import describe_process as d; print(json.dumps(d()))"
)


@pytest.fixture(scope="module")
def dead() -> dict[str, Any]:
    """The note of a process of this machine that has ended."""
    done = subprocess.run([sys.executable, "-c", _ANOTHER], capture_output=True, check=True)
    note: dict[str, Any] = json.loads(done.stdout)
    assert note["pid"] != os.getpid()
    return note


def left(folder: Path, name: str, note: object) -> Path:
    """Leave a draft behind, as a run that is killed does."""
    draft = folder / name
    (draft / "_work").mkdir(parents=True)
    (draft / "_work" / "features").write_text("hours of work")
    if note is not None:
        (draft / "_draft.json").write_text(note if isinstance(note, str) else json.dumps(note))
    return draft


def test_a_process_that_goes_on_is_told_from_one_that_ended(dead: dict[str, Any]) -> None:
    mine = dict(describe_process())
    assert fate_of(mine) is Fate.GOES_ON  # type: ignore[arg-type]
    for changed, fate in [
        ({}, Fate.ENDED),
        ({"complete": True}, Fate.COMPLETE),
        ({"host": "another machine"}, Fate.UNKNOWN),
        ({"pid": os.getpid()}, Fate.ENDED),  # a later process with the same number
        ({"pid": 1, "born": None}, Fate.GOES_ON),  # where the kernel does not tell
    ]:
        assert fate_of({**dead, **changed}) is fate, changed  # type: ignore[arg-type, typeddict-item]
    assert fate_of(None) is Fate.UNKNOWN


def test_only_drafts_of_ended_runs_are_deleted_and_only_to_overwrite(
    files: FileSystem, tmp_path: Path, dead: dict[str, Any]
) -> None:
    stale = left(tmp_path, ".run.incomplete-1", dead)
    stay = [
        left(tmp_path, ".run.incomplete-2", describe_process()),
        left(tmp_path, ".run.incomplete-3", {**dead, "host": "another"}),
        left(tmp_path, ".run.incomplete-4", {**dead, "complete": True}),
        left(tmp_path, ".run.incomplete-5", None),
        left(tmp_path, ".run.incomplete-6", "{broken"),
        left(tmp_path, ".run.incomplete-7", {"pid": 1}),
        left(tmp_path, ".run.replaced-8", None),
        left(tmp_path, ".runs.incomplete-9", dead),  # of another output
        left(tmp_path, "run.kept-10", dead),
    ]
    told: list[str] = []
    target = files.absolute(str(tmp_path / "run"))
    sweep(files, target, overwrite=False, note=told.append)
    assert len(told) == 8
    assert any(f"{stale} was left by a run that was killed" in each for each in told)
    assert any(f"process {os.getpid()} is writing the same output" in each for each in told)
    assert stale.exists()
    told.clear()
    sweep(files, target, overwrite=True, note=told.append)
    assert any(f"deleted file:{stale}" in each for each in told)
    assert not stale.exists()
    assert all(draft.exists() for draft in stay)


def test_a_run_that_was_killed_leaves_nothing_after_the_next(
    files: FileSystem, tmp_path: Path, dead: dict[str, Any]
) -> None:
    left(tmp_path, ".run.incomplete-1", dead)
    told: list[str] = []
    with new_folder(files, str(tmp_path / "run"), overwrite=True, note=told.append) as draft:
        assert [each.fate for each in find_drafts(files, f"file:{tmp_path}/run")] == [Fate.GOES_ON]
        files.write_text(f"{draft}/a.txt", "a")
    assert names_in(tmp_path) == ["run", "run/a.txt"]
    assert len(told) == 1


def test_nothing_is_looked_for_in_s3(files: FileSystem) -> None:
    assert find_drafts(files, "s3://bucket/run") == []
