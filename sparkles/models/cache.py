"""Converted networks on disk: named by their content, found by what they were made of.

A network's files are called after the SHA-256 of their content. Beside them a note for each recipe
(settings, weights, versions) says which files it gave. The folder is ``$SPARKLES_CACHE``, or
``sparkles`` in the user's cache folder, or a temporary one where neither can be written. It may be
deleted at any time when no job starts.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

__all__ = ["store_files", "draft_folder", "lookup_network", "record_network"]

_VARIABLE = "SPARKLES_CACHE"


def lookup_network(recipe: str) -> dict[str, Any] | None:
    """Find what a recipe gave before.

    Parameters
    ----------
    recipe
        A digest of all that decides the network.

    Returns
    -------
    dict or None
        The facts given to :func:`record_network`, with ``files`` as paths; ``None`` where nothing
        was kept, or a file is gone or damaged.
    """
    try:
        facts: dict[str, Any] = json.loads(_note(recipe).read_text())
        files = tuple(_folder() / name for name in facts["files"])
        sound = _stem(files) == files[0].stem
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
    return facts | {"files": files} if sound else None


def record_network(recipe: str, facts: dict[str, Any], files: Sequence[Path]) -> None:
    """Keep what a recipe gave; ``files`` come from :func:`store_files`."""
    content = json.dumps(facts | {"files": [file.name for file in files]}, indent=1)
    with NamedTemporaryFile("w", dir=_folder(), suffix=".draft", delete=False) as draft:
        draft.write(content)
    Path(draft.name).replace(_note(recipe))


def store_files(drafts: Sequence[Path]) -> tuple[Path, ...]:
    """Move files into the cache, named after the content of all of them."""
    stem = _stem(drafts)
    return tuple(draft.replace(_folder() / f"{stem}{draft.suffix}") for draft in drafts)


@contextmanager
def draft_folder() -> Iterator[Path]:
    """A folder to write files into that :func:`store_files` can move."""
    with TemporaryDirectory(prefix="draft-", dir=_folder()) as folder:
        yield Path(folder)


def _note(recipe: str) -> Path:
    return _folder() / f"{recipe}.json"


def _stem(files: Sequence[Path]) -> str:
    digest = sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return f"sparkles-network-{digest.hexdigest()}"


def _folder() -> Path:
    return _writable(os.environ.get(_VARIABLE) or _user_folder())


def _user_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return str(Path(base) / "sparkles")


@functools.cache
def _writable(path: str) -> Path:
    folder = Path(path) / "networks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            return folder
    except OSError:  # as in a container whose user has no home
        return Path(_temporary().name)


@functools.cache
def _temporary() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="sparkles-networks-")  # removed when the process ends
