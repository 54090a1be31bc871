"""Build the wheel of Sparkles."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from packing.archive import Packed
from packing.command import run_quietly

__all__ = ["build_wheel"]

_INGREDIENTS = ("LICENSE", "README.md", "pyproject.toml", "setup.py", "sparkdl", "sparkles")
_EPOCH = "315532800"  # 1980: the earliest time that a zip file can store


def build_wheel(root: Path, output: Path) -> Packed:
    """Build the wheel from a copy of the sources, so that it contains no files of other builds.

    Parameters
    ----------
    root
        The checkout.
    output
        The folder for the wheel.

    Raises
    ------
    PackingError
        If the build fails.
    """
    with TemporaryDirectory(prefix="sparkles-wheel-") as scratch:
        copy, built = Path(scratch, "source"), Path(scratch, "built")
        copy.mkdir()
        for name in _INGREDIENTS:
            _copy(root / name, copy / name)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"]
        run_quietly(
            [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", built, copy],
            "build the wheel",
            variables={"SOURCE_DATE_EPOCH": _EPOCH},
        )
        (wheel,) = built.glob("*.whl")
        output.mkdir(parents=True, exist_ok=True)
        target = output / wheel.name
        shutil.copyfile(wheel, target)
    return Packed(target, _unpacked(target))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    else:
        shutil.copy(source, target)
    for path in [target, *target.rglob("*")]:  # independent of the checkout's umask
        path.chmod(0o755 if path.is_dir() else 0o644)


def _unpacked(wheel: Path) -> int:
    with ZipFile(wheel) as archive:
        return sum(entry.file_size for entry in archive.infolist())
