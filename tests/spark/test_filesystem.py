"""The driver's file operations, on the local disk through Hadoop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparkles.errors import SourceError
from sparkles.spark.filesystem import FileSystem
from tests.spark.conftest import NAMES, names_in


@pytest.mark.parametrize("name", NAMES)
def test_text_is_written_and_read(files: FileSystem, tmp_path: Path, name: str) -> None:
    path = tmp_path / "new folder" / f"{name}.txt"
    text = "Zeile 1\nλ, 木, 🚗\r\n\ttabs and no last newline"
    files.write_text(str(path), text)
    assert path.read_bytes() == text.encode("utf-8")
    assert names_in(tmp_path) == ["new folder", f"new folder/{name}.txt"]  # no .crc
    assert files.read_text(str(path)) == text


def test_text_replaces_an_existing_file(files: FileSystem, tmp_path: Path) -> None:
    path = str(tmp_path / "a.txt")
    files.write_text(path, "a long text")
    files.write_text(path, "short")
    assert files.read_text(path) == "short"
    files.write_text(path, "")
    assert files.read_text(path) == ""


def test_text_written_by_others_is_read(files: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ä" * 100_000, encoding="utf-8")
    assert files.read_text(str(tmp_path / "a.txt")) == "ä" * 100_000
    assert files.read_text(f"file:{tmp_path}/a.txt") == "ä" * 100_000


def test_json_is_written_for_people(files: FileSystem, tmp_path: Path) -> None:
    content = {"class": "木", "share": 0.1, "none": None, "list": [1, 2]}
    files.write_json(str(tmp_path / "a.json"), content)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == content
    assert "木" in text  # for people to read
    assert text.endswith("}\n")
    assert names_in(tmp_path) == ["a.json"]


def test_json_has_no_nan(files: FileSystem, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(str(tmp_path / "a.json"), {"share": float("nan")})
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("what", ["nowhere.txt", ""])
def test_reading_what_is_not_a_file_is_refused(
    files: FileSystem, tmp_path: Path, what: str
) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        files.read_text(str(tmp_path / what))


def test_files_and_folders_that_exist_are_found(files: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    there = {
        path: (files.exists(f"{tmp_path}/{path}"), files.is_folder(f"{tmp_path}/{path}"))
        for path in ("", "a.txt", "nowhere")
    }
    assert there == {"": (True, True), "a.txt": (True, False), "nowhere": (False, False)}


def test_an_absolute_path_has_its_scheme(files: FileSystem, tmp_path: Path) -> None:
    assert files.absolute(str(tmp_path)) == f"file:{tmp_path}"
    assert files.absolute("some/where") == f"file:{Path.cwd()}/some/where"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_uploaded_and_downloaded(files: FileSystem, tmp_path: Path, name: str) -> None:
    content = bytes(range(256)) * 100
    here = tmp_path / f"{name} here"
    here.write_bytes(content)
    there, back = tmp_path / "there" / f"{name}.bin", tmp_path / f"{name} back"
    files.upload(here, str(there))
    assert there.read_bytes() == content
    files.download(str(there), back)
    assert back.read_bytes() == content
    assert here.read_bytes() == content
    assert f".{name} back.crc" not in names_in(tmp_path)


def test_upload_replaces_an_existing_file(files: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "there").write_bytes(b"old one")
    files.upload(tmp_path / "new", str(tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == b"new"


def test_folders_are_renamed_and_deleted(files: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("c")
    files.rename(str(tmp_path / "a"), str(tmp_path / "new parent" / "d"))
    assert (tmp_path / "new parent" / "d" / "b" / "c.txt").read_text() == "c"
    files.delete(str(tmp_path / "new parent"))
    files.delete(str(tmp_path / "nowhere"))
    assert names_in(tmp_path) == []
