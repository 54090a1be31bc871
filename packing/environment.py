"""Relocatable environments, which a node unpacks and runs with its own Python.

An environment contains no standard library: ``bin/python`` is a link to the node's interpreter,
as ``pyvenv.cfg`` states. Its layers are the pinned packages, which are cached between builds, and
Sparkles itself.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from packing.archive import Member, Packed, join_layers, members_of, pack_layer
from packing.command import run_quietly
from packing.errors import PackingError
from packing.pruning import prune

__all__ = ["build_environment", "check_node_python"]

_PYTHON = "python{}.{}".format(*sys.version_info)
_SITE = f"lib/{_PYTHON}/site-packages"


def check_node_python(node_python: str) -> None:
    """Check the path of the nodes' interpreter, and that this process runs the same version.

    Raises
    ------
    PackingError
        If the path is not absolute, or if this process does not run Python 3.11.
    """
    if sys.version_info[:2] != (3, 11):
        raise PackingError(
            f"expected Python 3.11, as on the nodes, got {sys.version.split()[0]}; "
            "run make package PYTHON=python3.11"
        )
    path = PurePosixPath(node_python)
    if not path.is_absolute() or ".." in path.parts:
        raise PackingError(
            "NODE_PYTHON: expected the absolute path of Python 3.11 on the nodes, for example "
            f"/usr/bin/python3.11, got {node_python!r}"
        )


def build_environment(
    lock: Path, wheel: Path, target: Path, *, node_python: str, cache: Path
) -> Packed:
    """Build the archive of an environment.

    Parameters
    ----------
    lock
        The pinned packages, with hashes.
    wheel
        The wheel of Sparkles.
    target
        The ``.tar.gz`` to write; it appears only when it is complete.
    node_python
        The interpreter on the nodes. It need not exist on this machine.
    cache
        A folder for the layers of pinned packages.

    Raises
    ------
    PackingError
        If a package cannot be installed, or a file cannot be relocated.
    """
    check_node_python(node_python)
    packages, unpacked = _cached_layer(lock, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".packing-", dir=target.parent) as scratch:
        own, draft = Path(scratch, "own.gz"), Path(scratch, "draft.tar.gz")
        unpacked += _pack([str(wheel)], own, _interpreter(node_python))
        join_layers([packages, own], draft)
        draft.replace(target)
    return Packed(target, unpacked)


def _interpreter(node_python: str) -> list[Member]:
    home = PurePosixPath(node_python).parent
    version = "{}.{}".format(*sys.version_info)
    settings = f"home = {home}\ninclude-system-site-packages = false\nversion = {version}\n"
    return [
        Member("pyvenv.cfg", settings.encode()),
        Member("bin/python", link=node_python),
        Member("bin/python3", link="python"),
        Member(f"bin/{_PYTHON}", link="python"),
    ]


def _cached_layer(lock: Path, cache: Path) -> tuple[Path, int]:
    """Return the layer of a lock file's packages; build it if the cache does not contain it."""
    try:
        pinned = lock.read_bytes()
    except OSError as error:
        raise PackingError(f"expected pinned packages in {lock}: {error.strerror}") from error
    layer = cache / f"{_key(pinned)}.gz"
    note = layer.with_suffix(".json")
    if not note.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="draft-", dir=cache) as scratch:
            draft = Path(scratch, "layer.gz")
            unpacked = _pack(["--require-hashes", "--requirement", str(lock)], draft, [])
            draft.replace(layer)
        note.write_text(json.dumps({"unpacked": unpacked}))
    return layer, int(json.loads(note.read_text())["unpacked"])


def _key(pinned: bytes) -> str:
    """Hash everything that affects a layer: packages, packing code and platform."""
    digest = sha256(pinned)
    for source in ("archive.py", "environment.py", "pruning.py"):
        digest.update((Path(__file__).parent / source).read_bytes())
    digest.update(f"{sys.implementation.cache_tag} {sys.platform} {os.uname().machine}".encode())
    return digest.hexdigest()[:32]


def _pack(what: Sequence[str], target: Path, more: list[Member]) -> int:
    """Install into a temporary environment and pack its packages."""
    with TemporaryDirectory(prefix="sparkles-environment-") as scratch:
        environment = Path(scratch)
        purpose = "make an environment"
        run_quietly([sys.executable, "-m", "venv", "--without-pip", environment], purpose)
        _install(environment, what)
        site = environment / _SITE
        prune(site)
        _compile(site, environment)
        return pack_layer([*members_of(site, _SITE), *more], target, environment)


def _install(environment: Path, what: Sequence[str]) -> None:
    """Install with uv if it is available and works, else with pip, as `make install` does."""
    python, quiet = str(environment / "bin" / "python"), ["--quiet", "--no-deps", *what]
    purpose = f"install {Path(what[-1]).name}"
    uv = Path(sys.executable).parent / "uv"
    if uv.exists():
        try:
            run_quietly(
                [uv, "pip", "install", "--system-certs", "--python", python, *quiet], purpose
            )
            return
        except PackingError:  # for example because only pip knows the proxy
            pass
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run_quietly([*pip, "install", "--no-compile", *quiet], purpose)


def _compile(site: Path, environment: Path) -> None:
    """Compile all modules, because containers may not write to the unpacked archive.

    The compiled files contain no times and are used without comparison with their sources, which
    nobody edits on a node. A single process without random hashes makes the bytes reproducible.
    """
    compiler = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    run_quietly(
        [*compiler, "-s", environment, site],
        "compile the packages",
        variables={"PYTHONHASHSEED": "0"},
    )
