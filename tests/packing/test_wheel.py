"""The wheel holds what a job needs, and is the same bytes each time."""

import zipfile
from pathlib import Path

from packing.wheel import build_wheel
from tests.conftest import REPOSITORY


def test_all_that_is_in_the_packages_is_in_the_wheel(tmp_path: Path) -> None:
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
