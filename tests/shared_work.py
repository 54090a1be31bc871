"""Work that all test processes of a run share: the first one that needs it does it."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

__all__ = ["build_once", "shared_folder"]

T = TypeVar("T")


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this run of pytest have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], T]) -> T:
    """Return what ``build`` made of an empty folder, calling it in one process only.

    The other processes wait, and read the same folder. Tests must not write into it.

    Parameters
    ----------
    factory
        Names the temporary folder of this run of pytest.
    name
        What the work is called; its folder has this name and lies in a folder of its own.
    build
        Fills the folder, which does not exist yet. Its result must be picklable.
    """
    home = shared_folder(factory) / "shared" / name
    (home / "made").mkdir(parents=True, exist_ok=True)
    done = home / "done.pickle"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            result = build(home / "made" / name)
            draft = done.with_suffix(".draft")
            draft.write_bytes(pickle.dumps(result))
            draft.rename(done)
        made: T = pickle.loads(done.read_bytes())
    return made
