"""Listing folders on a local disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sparkles.errors import StorageError
from sparkles.storage import folder as module
from sparkles.storage import list_folder, read_bytes


def listed(folder: Path) -> list[str]:
    return sorted(uri for page in list_folder(folder) for uri in page)


def test_every_file_is_listed_except_hidden_ones(tmp_path: Path) -> None:
    for name in ("a.jpg", "below/deep/b.jpg", "_DSC1.jpg", ".hidden.jpg", ".old/c.jpg", "x y%.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shown = ["_DSC1.jpg", "a.jpg", "below/deep/b.jpg", "x y%.jpg"]
    assert listed(tmp_path) == [f"file:{tmp_path}/{name}" for name in shown]
    assert listed(tmp_path) == sorted(
        f"file:{path}" for path in tmp_path.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    )  # fmt: skip


def test_a_listing_comes_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 3)
    for number in range(7):
        (tmp_path / f"{number}.jpg").touch()
    assert [len(page) for page in list_folder(tmp_path)] == [3, 3, 1]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.jpg").touch()
    photos.mkdir()
    (photos / "linked").symlink_to(tmp_path / "elsewhere")
    (photos / "again").symlink_to(tmp_path / "elsewhere")
    (photos / "circle").symlink_to(photos)
    (photos / "broken.jpg").symlink_to(tmp_path / "absent")
    (photos / "itself.jpg").symlink_to(photos / "itself.jpg")
    names = ["again/a.jpg", "broken.jpg", "itself.jpg", "linked/a.jpg"]
    assert listed(photos) == [f"file:{photos}/{name}" for name in names]
    with pytest.raises(StorageError, match="nothing at"):
        read_bytes(f"file:{photos}/broken.jpg")


def test_names_that_are_not_utf_8_cannot_be_read(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.jpg"
    try:
        Path(os.fsdecode(path)).touch()
    except OSError:
        pytest.skip("this disk takes UTF-8 names only")
    (uri,) = listed(tmp_path)
    with pytest.raises(StorageError, match="nothing at"):
        read_bytes(uri)


def test_a_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "locked").mkdir()

    def refuse(path: str) -> Any:  # not by permissions: root may read everything
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageError, match=r"locked cannot be listed: Permission denied"):
        listed(tmp_path)
