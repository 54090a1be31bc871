"""The wheel contains every file of the packages and is reproducible."""

from __future__ import annotations

import zipfile
from pathlib import Path

from packing.wheel import build_wheel
from tests.conftest import REPOSITORY


def test_the_wheel_contains_the_packages_and_is_reproducible(tmp_path: Path) -> None:
    wheel = build_wheel(REPOSITORY, tmp_path / "one")
    with zipfile.ZipFile(wheel.path) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(REPOSITORY).as_posix()
        for package in ("sparkles", "sparkdl")
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == sources
    assert build_wheel(REPOSITORY, tmp_path / "other").sha256 == wheel.sha256
    assert not (REPOSITORY / "build" / "lib").exists()
