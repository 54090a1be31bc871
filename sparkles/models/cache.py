"""Converted networks on disk: named by their content, found by their recipes.

The files of a network are named after the SHA-256 of their content. Next to them, a note for each
recipe (settings, weights, versions) contains the names of the files that it gave. The folder is
``$SPARKLES_CACHE``, or ``sparkles`` in the user's cache folder, or a temporary one if neither can
be written. It may be deleted at any time when no job starts, and holds no more than
``$SPARKLES_CACHE_GB`` gigabytes; see :mod:`sparkles.models.stored_networks`.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from sparkles.models.stored_networks import cache_limit, drop_oldest

__all__ = [
    "CachedNetwork",
    "cache_folder",
    "content_names",
    "draft_folder",
    "lookup_network",
    "record_network",
    "store_files",
]

_VARIABLE = "SPARKLES_CACHE"


@dataclass(frozen=True)
class CachedNetwork:
    """A network in the cache.

    Attributes
    ----------
    facts
        What :func:`record_network` was given.
    files
        The network's files, intact.
    """

    facts: Mapping[str, object]
    files: tuple[Path, ...]


def lookup_network(recipe: str) -> CachedNetwork | None:
    """Find the network that a recipe gave before.

    Parameters
    ----------
    recipe
        The digest of a recipe; see :func:`~sparkles.models.recipe.digest_recipe`.

    Returns
    -------
    CachedNetwork or None
        ``None`` if there is none, or if one of its files is missing or damaged.
    """
    try:
        facts = json.loads(_note(recipe).read_text())
        files = tuple(cache_folder() / name for name in facts.pop("files"))
        intact = _stem(files) == files[0].stem
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    if not intact:
        return None
    with suppress(OSError):
        _note(recipe).touch()  # the last time that it was used
    return CachedNetwork(facts, files)


def record_network(recipe: str, facts: Mapping[str, object], files: Sequence[Path]) -> None:
    """Record the network that a recipe gave, and keep the cache within its limit.

    Parameters
    ----------
    recipe
        The digest of the recipe.
    facts
        A description of the network, as JSON can hold it.
    files
        The result of :func:`store_files`.
    """
    content = json.dumps({**facts, "files": [file.name for file in files]}, indent=1)
    with NamedTemporaryFile("w", dir=cache_folder(), suffix=".draft", delete=False) as draft:
        draft.write(content)
    Path(draft.name).replace(_note(recipe))
    drop_oldest(cache_folder(), cache_limit())


def store_files(drafts: Sequence[Path]) -> tuple[Path, ...]:
    """Move a network's files into the cache and name them after the content of all of them."""
    names, folder = content_names(drafts), cache_folder()
    return tuple(draft.replace(folder / name) for draft, name in zip(drafts, names, strict=True))


def content_names(files: Sequence[Path]) -> list[str]:
    """Return the names that a network's files have in the cache: the SHA-256 of all of them."""
    stem = _stem(files)
    return [f"{stem}{file.suffix}" for file in files]


@contextmanager
def draft_folder() -> Iterator[Path]:
    """Open a folder, closed to other users, for files that :func:`store_files` will move."""
    with TemporaryDirectory(prefix="draft-", dir=cache_folder()) as folder:
        yield Path(folder)


def _note(recipe: str) -> Path:
    return cache_folder() / f"{recipe}.json"


def _stem(files: Sequence[Path]) -> str:
    digest = sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return f"sparkles-network-{digest.hexdigest()}"


def cache_folder() -> Path:
    """Return the folder of the networks."""
    return _writable(os.environ.get(_VARIABLE) or _usercache_folder())


def _usercache_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return str(Path(base) / "sparkles")


@functools.cache
def _writable(path: str) -> Path:
    folder = Path(path) / "networks"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            return folder
    except OSError:  # for example in a container whose user has no home
        return Path(_temporary().name)


@functools.cache
def _temporary() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="sparkles-networks-")  # removed when the process ends
