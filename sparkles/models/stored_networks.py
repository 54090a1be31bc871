"""What the cache of converted networks holds, how much at most, and how to empty it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["StoredNetwork", "cache_limit", "drop_oldest", "empty_folder", "stored_networks"]

_LIMIT = "SPARKLES_CACHE_GB"
_DEFAULT = 10.0  # gigabytes: some hundred networks like InceptionV3, or all of Keras's
_GB = 1_000_000_000
_IN_USE = 3600.0  # seconds: a job that starts reads its network's files
_PREFIX = "sparkles-network-"


@dataclass(frozen=True)
class StoredNetwork:
    """The files of a network in the cache, and the notes of the recipes that give it.

    Attributes
    ----------
    description
        What the network takes and gives; empty if no note has it.
    files
        All files, the notes among them.
    size
        Their bytes.
    used
        When a job last looked the network up, in seconds since 1970.
    """

    description: str
    files: tuple[Path, ...]
    size: int
    used: float


def cache_limit() -> float:
    """Return the most bytes that the cache holds: ``$SPARKLES_CACHE_GB`` gigabytes, or 10.

    Examples
    --------
    >>> f"{cache_limit():,.0f}"
    '10,000,000,000'
    """
    try:
        limit = float(os.environ.get(_LIMIT, _DEFAULT))
    except ValueError:
        return _DEFAULT * _GB
    return limit * _GB if limit >= 0 else _DEFAULT * _GB


def stored_networks(folder: Path) -> list[StoredNetwork]:
    """List the networks in a folder, the last used first."""
    groups: dict[str, list[Path]] = {}
    described: dict[str, str] = {}
    for path in folder.glob("*"):
        if path.name.startswith(_PREFIX):
            groups.setdefault(path.stem, []).append(path)
        elif path.suffix == ".json":
            facts = _read(path)
            stem = _stem_of(facts)
            groups.setdefault(stem, []).append(path)
            described[stem] = _describe(facts)
    found = [_measure(described.get(stem, ""), paths) for stem, paths in groups.items()]
    return sorted(found, key=lambda one: -one.used)


def drop_oldest(folder: Path, most: float) -> None:
    """Delete networks, the least recently used first, until the folder holds no more than a limit.

    Networks that were used within the last hour stay: a job that starts may be reading them.
    """
    held = 0
    for network in stored_networks(folder):
        held += network.size
        if held > most and time.time() - network.used > _IN_USE:
            _delete(network)
            held -= network.size


def empty_folder(folder: Path) -> int:
    """Delete all networks in a folder; return their bytes."""
    networks = stored_networks(folder)
    for network in networks:
        _delete(network)
    return sum(network.size for network in networks)


def _read(note: Path) -> Mapping[str, object]:
    try:
        facts = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _stem_of(facts: Mapping[str, object]) -> str:
    files = facts.get("files")
    return Path(str(files[0])).stem if isinstance(files, list) and files else ""


def _describe(facts: Mapping[str, object]) -> str:
    whole = facts.get("network")  # of a network that was cut to give a map of features
    inner = whole if isinstance(whole, dict) else facts
    if not {"height", "width", "length", "engine"} <= inner.keys():
        return ""
    words = [
        f"{inner['height']} x {inner['width']} pixels to {inner['length']:,} features",
        str(inner["engine"]),
        *(["int8"] if inner.get("int8") else []),
        *(["map of features"] if inner is whole else []),
    ]
    return ", ".join(words)


def _measure(description: str, paths: list[Path]) -> StoredNetwork:
    size, used = 0, 0.0
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # another process has just deleted it
            continue
        size, used = size + status.st_size, max(used, status.st_mtime)
    return StoredNetwork(description, tuple(sorted(paths)), size, used)


def _delete(network: StoredNetwork) -> None:
    # The notes first: without one, no job finds the network.
    for path in sorted(network.files, key=lambda file: file.suffix != ".json"):
        path.unlink(missing_ok=True)
